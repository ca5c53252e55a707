"""Deep Complex Networks: pairs of channels, real activations on each part, real layers at the end."""
import keras.backend as K
from keras.layers import Activation, Add, AveragePooling1D, Concatenate, Dense, Flatten, Input
from keras.models import Model
from complexnn import ComplexBN, ComplexConv1D, ComplexDense, GetAbs, GetImag, GetReal


def block(x, filters, projection=False):
    y = ComplexBN()(x)
    y = Activation('relu')(y)
    y = ComplexConv1D(filters, 3, padding='same', use_bias=False, kernel_initializer='complex_independent')(y)
    if not projection:
        return Add()([x, y])
    skip = ComplexConv1D(filters, 1, use_bias=False)(x)
    real = Concatenate()([GetReal()(skip), GetReal()(y)])
    imaginary = Concatenate()([GetImag()(skip), GetImag()(y)])
    return Concatenate()([real, imaginary])


signal = Input(shape=(64, 4))
h = ComplexConv1D(8, 5, padding='same', activation='relu', init_criterion='glorot')(signal)
h = block(h, 8)
h = block(h, 8, projection=True)
h = AveragePooling1D(4)(h)
modulus = GetAbs()(h)
model = Model(inputs=signal, outputs=Dense(3, activation='softmax')(Flatten()(modulus)))

vectors = Input(shape=(20,))
chain = ComplexDense(6, activation='tanh')(vectors)
readout = GetReal()(ComplexDense(2)(chain))
mlp = Model(vectors, readout)
