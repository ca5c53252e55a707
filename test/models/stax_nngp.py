"""Networks of infinite width, and one that is trained."""
from absl import app
from absl import flags
from jax import random
import jax.numpy as jnp
import neural_tangents as nt
from neural_tangents import stax

FLAGS = flags.FLAGS
flags.DEFINE_integer('train_size', 1000, 'Size of the training set.')

# A network at the top of the file.
init_fn, apply_fn, kernel_fn = stax.serial(
    stax.Dense(512, W_std=1.5, b_std=0.05),
    stax.Erf(),
    stax.Dense(512, W_std=1.5, b_std=0.05),
    stax.Sin(b=2.0),
    stax.LayerNorm(),
    stax.Dense(1, 2.0),
)


def deep(depth, width=256):
  layers = []
  for _ in range(depth):
    layers += [stax.Dense(width, jnp.sqrt(2.0), parameterization='standard'), stax.Relu()]
  return stax.serial(*layers, stax.Dense(10, W_std=1.0, b_std=None))


def main(unused_argv):
  key = random.PRNGKey(0)
  init, _, kernel = deep(depth=3)
  _, params = init(key, (-1, 784))

  # Tuples used twice are two layers.
  block = [stax.Dense(64, W_std=2 ** 0.5), stax.ABRelu(0.1, 2.0)] * 2
  _, f, _ = stax.serial(*block, stax.Dense(32), stax.Rbf(0.5), stax.Dense(1))
  for step in range(FLAGS.train_steps):
    params = f(params, step)


if __name__ == '__main__':
  app.run(main)
