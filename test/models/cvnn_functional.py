"""cvnn with the functional API: complex_input, a skip, activations as functions, real layers after the modulus."""
import tensorflow as tf
from tensorflow.keras import Model
from tensorflow.keras.layers import Dense
from cvnn import layers
from cvnn.activations import cart_tanh, modrelu
from cvnn.initializers import ComplexHeNormal

inputs = layers.complex_input(shape=(128, 2))
c0 = layers.ComplexConv1D(8, 5, activation=cart_tanh, padding='same')(inputs)
c1 = layers.ComplexConv1D(8, 5, padding='same', kernel_initializer=ComplexHeNormal())(c0)
c1 = layers.ComplexBatchNormalization()(c1)
x = tf.keras.layers.add([c0, c1])
x = tf.keras.layers.Activation(modrelu)(x)
x = layers.ComplexFlatten()(x)
x = layers.ComplexDense(16)(x)
x = tf.complex(tf.nn.relu(tf.math.real(x)), tf.nn.relu(tf.math.imag(x)))
power = tf.abs(x)
out = Dense(4, activation='softmax')(power)
model = Model(inputs, out)
