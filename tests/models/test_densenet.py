"""DenseNet, and what is usually got wrong about it."""

import keras
import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc

KINDS = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")


def by_kind(model, kind):
    """The weights of a kind, in the order of the net."""
    return [w for layer in model.layers for w in layer.weights if w.name == kind]


def test_outputs_equal_keras_applications():
    """Keras's epsilon is 1.001e-5 and not 1e-5, which stays below the tolerance."""
    shape = (64, 64, 3)
    theirs = keras.applications.DenseNet121(
        weights=None, input_shape=shape, classifier_activation=None
    )
    ours = kcc.DenseNet121(input_shape=shape, classifier_activation=None)
    random = np.random.RandomState(0)
    for kind in KINDS:
        pairs = zip(by_kind(ours, kind), by_kind(theirs, kind), strict=True)
        for mine, other in pairs:
            value = 0.1 * random.standard_normal(other.shape)
            if kind in ("gamma", "moving_variance"):
                value = 1 + np.abs(value)
            elif kind == "kernel":
                value = other.numpy()
            mine.assign(value)
            other.assign(value)
    x = torch_weights.image(64)
    a, b = ours.predict(x, verbose=0), theirs.predict(x, verbose=0)
    assert np.max(np.abs(a - b)) <= 1e-4 * np.ptp(b)
    assert np.ptp(b) > 0.01


@pytest.mark.parametrize("name", ["DenseNet121", "DenseNet161"])
def test_the_stem_has_two_growth_rates_of_filters(name):
    rate = {"DenseNet121": 32, "DenseNet161": 48}[name]
    model = getattr(kcc, name)(include_top=False, input_shape=(32, 32, 3))
    assert model.get_layer("stem_conv").filters == 2 * rate


def test_plain_nets_begin_with_16_filters_and_do_not_compress():
    model = kcc.DenseNet40_12(input_shape=(8, 8, 3))
    assert model.get_layer("stem_conv").filters == 16
    assert model.get_layer("stage2_transition_conv").filters == 16 + 12 * 12
    assert not any(layer.name.startswith("stem_bn") for layer in model.layers)


def test_bc_nets_begin_with_two_growth_rates_and_keep_half():
    model = kcc.DenseNetBC100_12(input_shape=(8, 8, 3))
    assert model.get_layer("stem_conv").filters == 24
    assert model.get_layer("stage2_transition_conv").filters == (24 + 16 * 12) // 2
