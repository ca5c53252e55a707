"""Sequential([...]) at top level, with tf.keras spelled out and layers that are activations."""
import tensorflow as tf

units = [64, 32]
model = tf.keras.Sequential([
    tf.keras.layers.InputLayer(input_shape=(20,)),
    *[tf.keras.layers.Dense(n, kernel_initializer=tf.keras.initializers.RandomNormal(stddev=0.1)) for n in units],
    tf.keras.layers.LeakyReLU(alpha=0.1),
    tf.keras.layers.Dense(16, activation=tf.keras.layers.PReLU()),
    tf.keras.layers.Dense(16, activation=tf.nn.swish),
    tf.keras.layers.Dense(16, activation=lambda x: tf.nn.relu(x)),
    tf.keras.layers.LayerNormalization(),
    tf.keras.layers.Dense(1, use_bias=False),
])
model.compile(optimizer=tf.keras.optimizers.Adam(1e-3), loss='mse')
model.summary()

for batch in tf.data.Dataset.range(10):
    print(batch)
