"""Dense layers as convolutions: the same at one position, the average over more."""

import keras
import numpy as np
import pytest
from harness import images, randomise

import keras_classic_cnns as kcc
from keras_classic_cnns.core.errors import UnsupportedModelError


def vgg_like(size=8):
    """Two stages of valid convolution and pooling, so that a window sees nothing but itself."""
    image = x = keras.Input((size, size, 2), name="image")
    x = keras.layers.Conv2D(3, 1, activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Conv2D(4, 2, activation="relu")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(6, activation="relu", name="fc6")(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.Dense(5, activation="softmax", name="predictions")(x)
    return keras.Model(image, x)


def test_larger_images_give_the_average_over_shifted_windows():
    model = vgg_like()
    randomise(model)
    x = images(2, 12, 10, 2)
    windows = [
        model.predict_on_batch(x[:, top : top + 8, left : left + 8])
        for top in (0, 2, 4)
        for left in (0, 2)
    ]
    averaged = kcc.fully_convolutional(model).predict_on_batch(x)
    np.testing.assert_allclose(averaged, np.mean(windows, axis=0), atol=1e-6)
    assert np.std(windows, axis=0).max() > 1e-3


@pytest.mark.parametrize(
    ("name", "size", "options"),
    [
        ("lenet5", 32, {}),
        ("resnet20", 16, {}),
        pytest.param("alexnet", 55, {}, marks=pytest.mark.exhaustive),
        # whose maps of 2x2 are stretched to 6x6
        pytest.param("alexnetv2", 95, {}, marks=pytest.mark.exhaustive),
        pytest.param("nincifar", 32, {}, marks=pytest.mark.exhaustive),
        pytest.param("googlenet", 80, {"aux_heads": True}, marks=pytest.mark.exhaustive),
    ],
)
def test_at_the_size_of_training_nothing_changes(name, size, options):
    channels = kcc.get_spec(name).channels
    model = kcc.get_model(name, weights=None, input_shape=(size, size, channels), **options)
    randomise(model)
    anywhere = kcc.fully_convolutional(model)
    x = images(2, size, size, channels)
    expected = kcc.without_aux(model).predict_on_batch(x)
    np.testing.assert_allclose(anywhere.predict_on_batch(x), expected, atol=1e-5)
    larger = anywhere.predict_on_batch(images(1, size + 40, size + 33, channels))
    np.testing.assert_allclose(larger.sum(), 1, atol=1e-5)
    assert kcc.preprocessing_for(anywhere) == kcc.preprocessing_for(model)


@pytest.mark.parametrize("size", [2, 5])
def test_an_adaptive_pooling_becomes_part_of_the_dense_layer(size):
    """Maps of 2x2 are stretched to 3x4 and maps of 5x5 averaged."""
    layers = [
        kcc.layers.AdaptiveAveragePooling2D((3, 4)),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(6, "relu", use_bias=False, name="fc6"),
        keras.layers.Dense(3),
    ]
    model = with_head(*layers, size=size)
    anywhere = kcc.fully_convolutional(model)
    assert anywhere.get_layer("fc6").kernel.shape == (size, size, 2, 6)
    x = images(2, size, size, 2)
    expected = model.predict_on_batch(x)
    np.testing.assert_allclose(anywhere.predict_on_batch(x), expected, atol=1e-6)


def test_weights_are_shared_but_those_of_the_first_dense_layer():
    model = vgg_like()
    anywhere = kcc.fully_convolutional(model)
    assert anywhere.get_layer("predictions") is model.get_layer("predictions")
    assert anywhere.get_layer("fc6").kernel.shape == (3, 3, 4, 6)
    assert anywhere.count_params() == model.count_params()


def with_head(*layers, size=4):
    image = keras.Input((size, size, 2))
    x = image
    for layer in layers:
        x = layer(x)
    return keras.Model(image, x)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: kcc.LeNet5(variant="1998"), "'predictions' .RadialBasis. behind the flattening"),
        (lambda: with_head(keras.layers.Flatten()), "no dense layer behind"),
        (lambda: with_head(keras.layers.Conv2D(2, 3)), "must end in a classifier, but 'conv2d"),
        (lambda: with_head(keras.layers.Reshape((32,)), keras.layers.Dense(2)), "in 'reshape"),
        (lambda: keras.Sequential([keras.layers.Dense(2)]), "Its graph is not known"),
    ],
)
def test_other_heads_are_refused(model, message):
    with pytest.raises(UnsupportedModelError, match=f"{message}.*Received: model='"):
        kcc.fully_convolutional(model())
