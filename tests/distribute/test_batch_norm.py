"""Batch normalisation of the global batch is switched on and off in place."""

import keras
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns.distribute import synchronize_batch_norm


def normalisations(model):
    layers = model._flatten_layers(include_self=False)
    return [layer for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]


def test_all_normalisations_are_set_also_inside_of_other_layers():
    model = kcc.DenseNet40_12(weights=None)
    count = synchronize_batch_norm(model)
    assert (
        count
        == len(normalisations(model))
        > sum(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)
    )
    assert all(layer.synchronized for layer in normalisations(model))
    synchronize_batch_norm(model, False)
    assert not any(layer.synchronized for layer in normalisations(model))


def test_it_survives_saving(tmp_path):
    model = kcc.ResNet20(weights=None)
    synchronize_batch_norm(model)
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    assert all(layer.synchronized for layer in normalisations(reloaded))


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError, match="must be a keras.Model"):
        synchronize_batch_norm("model")
    with pytest.raises(TypeError, match="`synchronized` must be True or False"):
        synchronize_batch_norm(kcc.LeNet5(weights=None), 1)
