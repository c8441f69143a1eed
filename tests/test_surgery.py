"""Reaching into built networks."""

import keras
import pytest

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


def test_endpoints_make_a_feature_extractor():
    model = kcc.ResNet18(include_top=False, input_shape=(64, 64, 3))
    extractor = keras.Model(model.input, kcc.endpoints(model))
    assert extractor.output["stage4"].shape == (None, 2, 2, 512)


def test_a_foreign_model_is_refused():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="foreign")
    with pytest.raises(ValueError, match="no layers named .* Received: model='foreign'"):
        kcc.endpoints(model)
