"""Models called as layers, layers used twice, two inputs, an encoder whose layers are part of the whole."""
import keras
from keras.layers import Concatenate, Dense, Input, Lambda, Reshape
import keras.backend as K

encoder_input = Input(shape=(28, 28), name='image')
flat = Reshape((784,))(encoder_input)
code = Dense(32, activation='relu', name='code')(flat)
encoder = keras.Model(encoder_input, code)

decoder = keras.Sequential(name='decoder')
decoder.add(Dense(784, activation='sigmoid', input_dim=32))
decoder.add(Reshape((28, 28)))

autoencoder = keras.Model(encoder_input, decoder(encoder(encoder_input)))

# A siamese network.
left = Input(shape=(12,))
right = Input(shape=(12,))
embed = Dense(8, activation='tanh')
scale = Lambda(lambda t: K.l2_normalize(t, axis=-1))
joined = Concatenate(axis=1)([scale(embed(left)), embed(right)])
siamese = keras.Model(inputs=[left, right], outputs=Dense(1, activation='sigmoid')(joined))
