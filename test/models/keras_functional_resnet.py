"""Functional API with helper functions: residual blocks whose shortcut depends on the channels that come in."""
from tensorflow import keras
from tensorflow.keras import backend as K
from tensorflow.keras import layers as L

CONFIG = {'filters': [16, 32], 'repeats': 2, 'classes': 10}


def conv_bn(x, filters, kernel, strides=1, activation='relu', name=None):
    x = L.Conv2D(filters, kernel, strides=strides, padding='same', use_bias=False, name=name)(x)
    x = L.BatchNormalization(axis=-1, epsilon=1.001e-5)(x)
    if activation is not None:
        x = L.Activation(activation)(x)
    return x


def residual(x, filters, strides):
    y = conv_bn(x, filters, 3, strides)
    y = conv_bn(y, filters, 3, activation=None)
    if strides != 1 or K.int_shape(x)[-1] != filters:
        x = conv_bn(x, filters, 1, strides, activation=None)
    return L.ReLU()(L.add([x, y]))


def resnet(input_shape=(32, 32, 3), config=CONFIG):
    inputs = keras.Input(shape=input_shape)
    x = conv_bn(inputs, config['filters'][0], 3, name='stem')
    unused = L.Conv2D(8, 5)(x)
    for stage, filters in enumerate(config['filters']):
        for block in range(config['repeats']):
            x = residual(x, filters, strides=2 if stage > 0 and block == 0 else 1)
    x = L.GlobalAveragePooling2D(name='pool')(x)
    outputs = L.Dense(config['classes'], activation='softmax')(x)
    return keras.Model(inputs, outputs, name='small_resnet')


if __name__ == '__main__':
    resnet().summary()
