from jax import random
from neural_tangents import stax


def ResBlock(channels, strides=(1, 1), channel_mismatch=False):
  main = stax.serial(
      stax.Relu(), stax.Conv(channels, (3, 3), strides, padding='SAME'),
      stax.Relu(), stax.Conv(channels, (3, 3), padding='SAME'))
  shortcut = stax.Identity() if not channel_mismatch else stax.Conv(
      channels, (3, 3), strides, padding='SAME')
  return stax.serial(stax.FanOut(2), stax.parallel(main, shortcut), stax.FanInSum())


def ResGroup(n, channels, strides=(1, 1)):
  blocks = [ResBlock(channels, strides, channel_mismatch=True)]
  for _ in range(n - 1):
    blocks += [ResBlock(channels, (1, 1))]
  return stax.serial(*blocks)


def ResNet(block_size, k, num_classes):
  return stax.serial(
      stax.Conv(16, (3, 3), padding='SAME', W_std=2 ** 0.5),
      ResGroup(block_size, int(16 * k)),
      ResGroup(block_size, int(32 * k), (2, 2)),
      stax.AvgPool((2, 2), (2, 2), 'SAME'),
      stax.Conv(8, (3, 3), padding=stax.Padding.CIRCULAR.name),
      stax.GlobalAvgPool(),
      stax.Dense(num_classes, 1., 0.))


init_fn, apply_fn, kernel_fn = ResNet(block_size=2, k=1, num_classes=10)
_, params = init_fn(random.PRNGKey(0), (-1, 32, 32, 3))
