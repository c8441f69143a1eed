"""Small classifiers for the tests of export, and one export that they share."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.export import saved_model


def _randomize(model: keras.Model, seed: int = 0) -> keras.Model:
    """Gives every weight, moving statistics too, a value that shows in the probabilities."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        low, high = (0.5, 1.5) if weight.path.endswith("variance") else (-0.4, 0.4)
        weight.assign(rng.uniform(low, high, weight.shape))
    for weight in model.layers[-1].weights:  # small, so that no class takes everything
        weight.assign(weight * 0.1)
    return model


def _make(activation="softmax", classes=10, shape=(16, 16, 3), batch=None, conv=None):
    """Convolution, batch normalization, dropout, classifier."""
    image = keras.Input(shape, batch_size=batch, name="image")
    conv = conv or keras.layers.Conv2D(8, 3, name="stage1_conv")
    x = keras.layers.BatchNormalization()(conv(image))
    x = keras.layers.Dropout(0.5)(keras.layers.ReLU()(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(classes, activation=activation, dtype="float32", name="predictions")(x)
    return _randomize(keras.Model(image, x, name="tiny"))


@pytest.fixture(scope="session")
def randomize():
    return _randomize


@pytest.fixture(scope="session")
def make():
    return _make


@pytest.fixture(scope="session")
def tiny():
    return _make()


@pytest.fixture(scope="session")
def exported(tiny, tmp_path_factory):
    """A version that tests may read, but not change."""
    return saved_model(tiny, tmp_path_factory.mktemp("exported"), preprocessing="torch", top=3)


@pytest.fixture
def rng():
    return np.random.default_rng(7)
