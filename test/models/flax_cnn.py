"""MNIST as the examples of Flax have it."""
from typing import Callable, Sequence

from flax import linen as nn
import jax
import jax.numpy as jnp


class CNN(nn.Module):
  """A simple CNN model."""

  @nn.compact
  def __call__(self, x):
    x = nn.Conv(features=32, kernel_size=(3, 3))(x)
    x = nn.relu(x)
    x = nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2))
    x = nn.Conv(features=64, kernel_size=(3, 3), padding='VALID', use_bias=False)(x)
    x = nn.leaky_relu(x, 0.2)
    x = nn.max_pool(x, (2, 2), strides=(2, 2))
    x = x.reshape((x.shape[0], -1))  # flatten
    x = nn.Dense(features=256)(x)
    x = nn.gelu(x)
    x = nn.Dense(features=10, kernel_init=nn.initializers.normal(0.02))(x)
    return nn.log_softmax(x)


class MLP(nn.Module):
  features: Sequence[int]
  act: Callable = nn.tanh
  rate: float = 0.1

  def setup(self):
    self.layers = [nn.Dense(f) for f in self.features[:-1]]
    self.norm = nn.LayerNorm()
    self.drop = nn.Dropout(self.rate)
    self.head = nn.Dense(self.features[-1], kernel_init=jax.nn.initializers.zeros)

  def __call__(self, x, train: bool = True):
    for i, layer in enumerate(self.layers):
      x = layer(x)
      x = self.act(x)
      if i == 0:
        x = self.norm(x)
    x = self.drop(x, deterministic=not train)
    return self.head(x)


def create_state(rng):
  cnn = CNN()
  params = cnn.init(rng, jnp.ones([1, 28, 28, 1]))['params']
  mlp = MLP(features=[64, 64, 10])
  variables = mlp.init(rng, jnp.zeros((1, 784)), train=False)
  return params, variables
