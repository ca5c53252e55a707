"""U-Net of variable image size, with skips, transposed convolutions and one upsampling that is not read."""
from tensorflow.keras.layers import *
from tensorflow.keras.models import Model


def double_conv(x, n_filters):
    for _ in range(2):
        x = Conv2D(n_filters, 3, padding='same', activation='relu', kernel_initializer='he_uniform')(x)
    return x


def unet(size=None, channels=1, depth=2, start=8):
    inputs = Input((size, size, channels))
    x, skips = inputs, []
    for i in range(depth):
        x = double_conv(x, start * 2 ** i)
        skips.append(x)
        x = MaxPooling2D()(x)
    x = double_conv(x, start * 2 ** depth)
    for i, skip in reversed(list(enumerate(skips))):
        if i == 0:
            x = UpSampling2D(2)(x)
        else:
            x = Conv2DTranspose(start * 2 ** i, 2, strides=2, padding='same')(x)
        x = concatenate([x, skip], axis=3)
        x = double_conv(x, start * 2 ** i)
    mask = Conv2D(1, (1, 1), activation='sigmoid')(x)
    model = Model(inputs=[inputs], outputs=[mask])
    return model


model = unet(64)
