"""Sequence models: embedding, recurrent layers, one that is not read."""
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Embedding, SimpleRNN, GRU, Bidirectional, LSTM, Conv1D, GlobalMaxPooling1D, Dense, TimeDistributed

vocabulary, length = 5000, 100

plain = Sequential()
plain.add(Embedding(vocabulary, 32, input_length=length))
plain.add(SimpleRNN(16, return_sequences=True))
plain.add(TimeDistributed(Dense(8, activation='relu')))
plain.add(SimpleRNN(16))
plain.add(Dense(1, activation='sigmoid'))

causal = Sequential([
    Conv1D(8, 3, padding='causal', dilation_rate=2, activation='relu', input_shape=(50, 2)),
    Conv1D(8, 3, strides=2),
    GlobalMaxPooling1D(),
    Dense(2),
])

both = Sequential([Embedding(vocabulary, 16), Bidirectional(LSTM(8)), Dense(1)])
