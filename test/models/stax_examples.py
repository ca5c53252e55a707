from jax.example_libraries import stax
from jax.example_libraries.stax import (AvgPool, BatchNorm, Conv, Dense, FanInSum, FanInConcat, FanOut,
                                        Flatten, GeneralConv, Identity, LogSoftmax, MaxPool, Relu, Tanh, Dropout)
from jax.nn.initializers import he_normal, normal
import jax.numpy as jnp

init_random_params, predict = stax.serial(
    Dense(1024), Relu,
    Dense(1024, W_init=he_normal()), Tanh,
    Dense(10), LogSoftmax)


def IdentityBlock(kernel_size, filters):
  ks = kernel_size
  main = stax.serial(Conv(filters, (1, 1)), BatchNorm(), Relu, Conv(filters, (ks, ks), padding='SAME'), BatchNorm())
  return stax.serial(FanOut(2), stax.parallel(main, Identity), FanInSum, Relu)


def small_resnet(num_classes):
  return stax.serial(
      GeneralConv(('HWCN', 'OIHW', 'NHWC'), 64, (7, 7), (2, 2), 'SAME'),
      MaxPool((3, 3), strides=(2, 2)),
      IdentityBlock(3, 64),
      AvgPool((7, 7), padding='SAME'),
      Dropout(0.9),
      Flatten, Dense(num_classes, W_init=normal(0.01)), LogSoftmax)


class Encoder:
  def __init__(self, key):
    self.init, self.apply = stax.serial(
        FanOut(2),
        stax.parallel(stax.serial(Dense(8), stax.elementwise(jnp.sin)), Dense(4)),
        FanInConcat(-1))
    _, self.params = self.init(key, (-1, 16))


if __name__ == '__main__':
  init_fun, predict_fun = small_resnet(1000)
  _, init_params = init_fun(key, (224, 224, 3, 32))
