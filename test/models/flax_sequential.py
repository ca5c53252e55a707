import jax
import jax.numpy as jnp
from flax import linen as nn
from flax.linen.initializers import constant, orthogonal
import numpy as np

policy = nn.Sequential([
    nn.Dense(64, kernel_init=orthogonal(np.sqrt(2)), bias_init=constant(0.0)),
    nn.tanh,
    nn.Dense(64, kernel_init=orthogonal(np.sqrt(2)), bias_init=constant(0.0)),
    nn.tanh,
    nn.Dense(32),
    lambda x: x * jax.nn.sigmoid(x),
    nn.Dense(4, kernel_init=orthogonal(0.01), bias_init=constant(0.0)),
])


class Siren(nn.Module):
    """Own parameters, an own formula, a shared layer."""
    width: int = 32

    @nn.compact
    def __call__(self, x):
        kernel = self.param('kernel', nn.initializers.lecun_normal(), (2, self.width))
        bias = self.param('bias', nn.initializers.zeros, (self.width,))
        x = jnp.dot(x, kernel) + bias
        x = jnp.sin(30.0 * x)
        dense = nn.Dense(self.width)
        x = dense(x)
        x = nn.relu(x) ** 2
        x = dense(x)
        return x


class Dueling(nn.Module):
    actions: int

    @nn.compact
    def __call__(self, obs):
        h = nn.elu(nn.Dense(128)(obs))
        v = nn.Dense(1, name='value')(h)
        a = nn.Dense(self.actions, name='advantage')(h)
        return jnp.concatenate([v, a], axis=-1)


agent = Dueling(actions=6)
agent.init(jax.random.PRNGKey(1), jax.random.normal(jax.random.PRNGKey(2), (1, 17)))
