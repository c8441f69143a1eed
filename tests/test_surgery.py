"""Reaching into built networks."""

import keras
import numpy as np
import pytest
from harness import images

import keras_classic_cnns as kcc


def test_endpoints_of_a_reloaded_model(tmp_path):
    kcc.ResNet20(input_shape=(16, 16, 3)).save(tmp_path / "m.keras")
    model = keras.saving.load_model(tmp_path / "m.keras")
    shapes = {name: tensor.shape[1:] for name, tensor in kcc.endpoints(model).items()}
    assert shapes == {
        "stem": (16, 16, 16),
        "stage1": (16, 16, 16),
        "stage2": (8, 8, 32),
        "stage3": (4, 4, 64),
    }


def test_feature_extractor_of_a_reloaded_model(tmp_path):
    model = kcc.ResNet20(input_shape=(16, 16, 3))
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    names = ["stage3", "stage1", "avg_pool"]
    x = images(2, 16, 16, 3)
    features = kcc.feature_extractor(again, names).predict(x, verbose=0)
    expected = kcc.feature_extractor(model, names).predict(x, verbose=0)
    assert features["stage1"].shape == (2, 16, 16, 16)
    for name in names:
        np.testing.assert_allclose(features[name], expected[name], atol=1e-5)


def test_a_feature_extractor_shares_its_weights():
    model = kcc.ResNet18(include_top=False, input_shape=(64, 64, 3))
    extractor = kcc.feature_extractor(model, list(kcc.endpoints(model)))
    assert extractor.output["stage4"].shape == (None, 2, 2, 512)
    assert extractor.get_layer("stem_conv").kernel is model.get_layer("stem_conv").kernel


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["stage9"], ValueError, "neither an endpoint nor a layer .* Did you mean 'stage"),
        ([], ValueError, "at least one name"),
        (["stage1", "stage1"], ValueError, "none twice"),
        ("stage1", TypeError, "must be a list of names. Received: names='stage1'"),
    ],
)
def test_names_that_are_not_there(names, error, message):
    model = kcc.ResNet20(input_shape=(8, 8, 3))
    with pytest.raises(error, match=message):
        kcc.feature_extractor(model, names)


def test_a_foreign_model_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="foreign")
    with pytest.raises(ValueError, match="no layers named .* Received: model='foreign'"):
        kcc.endpoints(model)
