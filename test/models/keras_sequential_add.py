"""Image classifier in a function that nothing calls: Sequential().add, string activations, input_shape on the first layer."""
from keras.models import Sequential
from keras.layers import Activation, BatchNormalization, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.regularizers import l2

IMAGE = (32, 32)


def build_classifier(classes=10, weight_decay=1e-4, dropout=0.25):
    model = Sequential()
    for i, filters in enumerate([32, 64]):
        if i == 0:
            model.add(Conv2D(filters, (3, 3), padding='same', kernel_regularizer=l2(weight_decay), input_shape=IMAGE + (3,)))
        else:
            model.add(Conv2D(filters, (3, 3), padding='same', kernel_regularizer=l2(weight_decay)))
        model.add(Activation('relu'))
        model.add(BatchNormalization())
        model.add(MaxPooling2D(pool_size=(2, 2)))
        model.add(Dropout(dropout))
    model.add(Flatten())
    model.add(Dense(128, activation='elu', kernel_initializer='he_normal', bias_initializer='ones'))
    model.add(Dense(classes, activation='softmax'))
    model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
    return model


def train(data_folder):
    for name in open(data_folder):
        print(name)
