"""cvnn in a Sequential model: complex layers, activation strings, a read-out at the end; and the same made real by its dtype."""
import numpy as np
import tensorflow as tf
import cvnn.layers as complex_layers


def get_model(dtype=np.complex64):
    model = tf.keras.models.Sequential()
    model.add(complex_layers.ComplexInput(input_shape=(32, 32, 3), dtype=dtype))
    model.add(complex_layers.ComplexConv2D(32, (3, 3), activation='cart_relu', dtype=dtype))
    model.add(complex_layers.ComplexAvgPooling2D((2, 2)))
    model.add(complex_layers.ComplexConv2D(64, (3, 3), activation='cart_relu', kernel_initializer='ComplexHeNormal', dtype=dtype))
    model.add(complex_layers.ComplexFlatten())
    model.add(complex_layers.ComplexDense(64, activation='cart_relu', dtype=dtype))
    model.add(complex_layers.ComplexDense(10, activation='convert_to_real_with_abs', dtype=dtype))
    model.compile(optimizer='adam', loss='mse')
    return model


complex_model = get_model()
real_model = get_model(dtype=np.float32)
