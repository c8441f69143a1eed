"""How a model wants its images."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES, Preprocessing
from keras_classic_cnns.weights.trained_with import preprocessing_for, remember_preprocessing

HALVES = Preprocessing("halves", (2.0, 2.0, 2.0), (4.0, 4.0, 4.0))


def test_of_the_family_and_of_the_weights(tmp_path):
    model = kcc.ResNet20()
    assert preprocessing_for(model) == MODES["torch"]
    remember_preprocessing(model, HALVES)
    assert preprocessing_for(model) == HALVES
    assert preprocessing_for(kcc.ResNet20()) == MODES["torch"]
    model.save(tmp_path / "net.keras")
    assert preprocessing_for(keras.models.load_model(tmp_path / "net.keras")) == MODES["torch"]


def test_an_export_has_that_of_the_weights(tmp_path):
    model = kcc.LeNet5()
    remember_preprocessing(model, HALVES)
    folder = kcc.export.saved_model(model, tmp_path / "export")
    image = 255 * images(1, 32, 32, 1)
    served = tf.saved_model.load(folder).signatures["serving_default"](image=image)
    np.testing.assert_allclose(served["probabilities"], model(HALVES(image)), atol=1e-6)


@pytest.mark.parametrize(
    ("model", "error"), [("resnet50", TypeError), (keras.Sequential(name="mine"), ValueError)]
)
def test_other_models(model, error):
    with pytest.raises(error, match="Received: model="):
        preprocessing_for(model)
