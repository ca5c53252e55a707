"""data_format='channels_first', grouped and depthwise convolutions, initialiser instances, a pretrained base."""
import tensorflow as tf
from tensorflow.keras import Input, Model, initializers, layers

fmt = 'channels_first'
inputs = Input((4, 16, 16))
x = layers.Conv2D(8, 3, padding='same', groups=2, data_format=fmt, kernel_initializer=initializers.VarianceScaling(scale=2.0, mode='fan_out', distribution='untruncated_normal'))(inputs)
x = layers.BatchNormalization(axis=1)(x)
x = layers.DepthwiseConv2D(3, padding='same', depth_multiplier=2, data_format=fmt, depthwise_initializer='glorot_normal')(x)
x = tf.nn.relu(x)
x = layers.AveragePooling2D(2, data_format=fmt)(x)
x = tf.reduce_mean(x, axis=[2, 3])
first = Model(inputs, layers.Dense(3, kernel_initializer=initializers.Constant(0.1))(x))

base = tf.keras.applications.ResNet50(include_top=False, input_shape=(224, 224, 3))
for layer in base.layers:
    layer.trainable = False
head = layers.GlobalAveragePooling2D()(base.output)
tuned = Model(inputs=base.input, outputs=layers.Dense(5, activation='softmax')(head))
