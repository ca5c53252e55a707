"""Complex weights: param_dtype makes them, dtype alone is the type of the computation."""
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import netket as nk
import netket.nn as nknn
from jax.nn.initializers import normal


def crelu(z):
    return jax.lax.complex(jax.nn.relu(z.real), jax.nn.relu(z.imag))


class ComplexNet(nn.Module):
    hidden: int = 64
    param_dtype: Any = jnp.complex64

    @nn.compact
    def __call__(self, z):
        z = nn.Dense(self.hidden, param_dtype=self.param_dtype)(z)
        z = crelu(z)
        z = nn.Dense(self.hidden, param_dtype=self.param_dtype, kernel_init=nn.initializers.glorot_uniform())(z)
        z = nn.tanh(z.real) + 1j * nn.tanh(z.imag)
        z = nn.Dense(self.hidden, param_dtype=complex)(z)
        # On complex numbers the half plane.
        z = nn.relu(z)
        # Real weights on complex numbers.
        z = nn.Dense(self.hidden)(z)
        z = nknn.reim_relu(z)
        z = nn.Dense(1, param_dtype=jnp.complex64, use_bias=False)(z)
        return jnp.abs(z)


class Computed(nn.Module):
    """Real weights, computed with as complex ones."""

    @nn.compact
    def __call__(self, x):
        x = nn.Dense(8, dtype=jnp.complex64)(x)
        x = jax.nn.silu(x)
        return nn.Dense(1, param_dtype=jnp.complex64, dtype=jnp.float32)(x)


class LogPsi(nn.Module):
    """A wave function as NetKet has it."""
    alpha: int = 2

    @nn.compact
    def __call__(self, x):
        x = nn.Dense(self.alpha * 16, param_dtype=complex, kernel_init=normal(stddev=0.01), bias_init=normal(stddev=0.01))(x)
        x = nknn.log_cosh(x)
        x = jnp.sum(x, axis=-1)
        return x


ma = nk.models.RBM(alpha=1, param_dtype=complex)
net = ComplexNet()
params = net.init(jax.random.PRNGKey(0), jnp.ones((1, 32), dtype=jnp.complex64))
