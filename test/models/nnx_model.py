from functools import partial

import jax
import jax.numpy as jnp
from flax import nnx


class Block(nnx.Module):
  def __init__(self, din: int, dout: int, *, rngs: nnx.Rngs):
    self.linear = nnx.Linear(din, dout, rngs=rngs)
    self.bn = nnx.BatchNorm(dout, rngs=rngs)

  def __call__(self, x):
    return nnx.relu(self.bn(self.linear(x)))


class CNN(nnx.Module):
  """A simple CNN model."""

  def __init__(self, *, rngs: nnx.Rngs):
    self.conv1 = nnx.Conv(1, 32, kernel_size=(3, 3), rngs=rngs)
    self.conv2 = nnx.Conv(32, 64, kernel_size=(3, 3), rngs=rngs)
    self.avg_pool = partial(nnx.avg_pool, window_shape=(2, 2), strides=(2, 2))
    self.linear1 = nnx.Linear(3136, 256, rngs=rngs)
    self.dropout = nnx.Dropout(rate=0.025, rngs=rngs)
    self.linear2 = nnx.Linear(256, 10, rngs=rngs)

  def __call__(self, x):
    x = self.avg_pool(nnx.relu(self.conv1(x)))
    x = self.avg_pool(nnx.relu(self.conv2(x)))
    x = x.reshape(x.shape[0], -1)
    x = nnx.relu(self.dropout(self.linear1(x)))
    x = self.linear2(x)
    return x


class MLP(nnx.Module):
  def __init__(self, sizes, rngs):
    self.blocks = nnx.List([Block(i, o, rngs=rngs) for i, o in zip(sizes[:-1], sizes[1:])])
    self.out = nnx.Sequential(
        nnx.Linear(sizes[-1], 8, use_bias=False, param_dtype=jnp.complex64, rngs=rngs),
        nnx.silu,
        nnx.Linear(8, 2, param_dtype=jnp.complex64, rngs=rngs),
    )

  def __call__(self, x):
    for block in self.blocks:
      x = block(x)
    return jnp.abs(self.out(x))


model = CNN(rngs=nnx.Rngs(0))
y = model(jnp.ones((1, 28, 28, 1)))
mlp = MLP([4, 16, 16], nnx.Rngs(0))
