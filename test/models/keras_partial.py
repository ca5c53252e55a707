"""functools.partial for layers, custom activations by name, functions and classes, arithmetic on signals."""
from functools import partial
import tensorflow as tf
from tensorflow import keras

MyDense = partial(keras.layers.Dense, 16, kernel_initializer='lecun_normal')


def squash(x):
    return x * tf.sigmoid(x)


class Swish(keras.layers.Layer):
    def call(self, x):
        return x * keras.backend.sigmoid(x)


keras.utils.get_custom_objects().update({'squash': keras.layers.Activation(squash)})

inputs = keras.Input(shape=(8,))
x = MyDense(activation=squash)(inputs)
x = MyDense(activation='squash')(x)
x = Swish()(MyDense()(x))
gate = keras.layers.Dense(16, activation='sigmoid')(x)
x = keras.layers.Multiply()([x, gate])
x = keras.layers.Dense(16, activation='no_such_function')(x)
model = keras.models.Model(inputs=inputs, outputs=keras.layers.Dense(1)(x))
