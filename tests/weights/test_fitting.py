"""What does not fit is found and explained."""

import dataclasses

import keras
import numpy as np
import pytest
from weights.small_net import AUX, KEYS, arrays, net

from keras_classic_cnns.weights.fitting import Fit, Target
from keras_classic_cnns.weights.key_map import KeyMap


def test_all_fits():
    fit = Target(net(aux=True), KEYS).fit(arrays(aux=True))
    assert not fit.has_problems
    assert len(fit.values) == 13


def test_a_gamma_that_the_model_lacks_has_a_place():
    fit = Target(net(gamma=False), KEYS).fit(arrays())
    assert not fit.has_problems
    assert "bn/gamma" in fit.values


def test_a_gamma_that_the_file_lacks_is_missing():
    file = {key: value for key, value in arrays().items() if key != "bn.weight"}
    assert Target(net(), KEYS).fit(file).missing == ["bn/gamma"]
    assert not Target(net(gamma=False), KEYS).fit(file).has_problems


def test_auxiliary_heads_that_the_file_lacks_are_explained():
    target = Target(net(aux=True), KEYS)
    fit = target.fit(arrays())
    assert fit.missing == ["aux1_fc/kernel", "aux1_fc/bias", "aux1/kernel", "aux1/bias"]
    assert "The file has no auxiliary heads: build the model with `aux_heads=False`." in (
        target.explain(fit)
    )
    fit.missing.append("conv1/kernel")
    assert "auxiliary" not in target.explain(fit)


def test_auxiliary_heads_that_the_model_lacks():
    """Unexpected, unless the map knows that models may lack them."""
    assert Target(net(), KEYS).fit(arrays(aux=True)).unexpected == list(AUX)
    optional = dataclasses.replace(KEYS, optional=("side.*",))
    assert not Target(net(), optional).fit(arrays(aux=True)).has_problems


def test_classifiers_of_other_classes_are_skipped_together():
    target = Target(net(aux=True, classes=9), KEYS)
    fit = target.fit(arrays(aux=True))
    assert fit.other_classes == set.union(*target.heads.values())
    assert "`skip_head=True` keeps a classifier" in target.explain(fit)
    assert all(fit.skip(paths) for paths in target.heads.values())
    assert not fit.has_problems
    assert "aux1_fc/kernel" in fit.values and "aux1/kernel" not in fit.values


def test_a_classifier_that_fits_or_differs_otherwise_is_not_skipped():
    paths = {"predictions/kernel", "predictions/bias"}
    assert not Target(net(), KEYS).fit(arrays()).skip(paths)
    other = {**arrays(), "fc.weight": np.ones((7, 8)), "fc.bias": np.ones(7)}
    fit = Target(net(), KEYS).fit(other)
    assert not fit.skip(paths)
    assert fit.misshaped.keys() == paths


def test_a_whole_classifier_is_skipped_though_one_weight_of_it_fits():
    fit = Fit(values={"a/bias": np.ones(1)}, misshaped={"a/kernel": ""}, other_classes={"a/kernel"})
    assert fit.skip({"a/kernel", "a/bias"})
    assert fit.values == {}


@pytest.mark.parametrize("adapts", [True, False])
def test_other_channels(adapts):
    target = Target(net(channels=4), KEYS, adapts)
    fit = target.fit(arrays())
    assert fit.has_problems != adapts
    assert ("adapt_input" in target.explain(fit)) != adapts


def keras_file():
    """The arrays of a file of Keras: the second kernel in two pieces, where it has two groups."""
    file = {}
    for key, value in arrays().items():
        layer, _, name = key.partition(".")
        file[f"{layer}/{name}"] = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value
    file["fc/weight"] = file["fc/weight"].T
    whole = file.pop("conv2/weight")
    return {**file, "conv2_1/weight": whole[..., :1], "conv2_2/weight": whole[..., 1:]}


PIECES = dataclasses.replace(KEYS, layout="keras", pieces=(r"(?<=conv2)_(\d)", ""))


def test_a_kernel_in_pieces():
    fit = Target(net(), PIECES).fit(keras_file())
    assert not fit.has_problems
    whole = arrays()["conv2.weight"].transpose(2, 3, 1, 0)
    np.testing.assert_array_equal(fit.values["conv2/kernel"], whole)


def test_a_missing_piece():
    file = {key: value for key, value in keras_file().items() if key != "conv2_1/weight"}
    fit = Target(net(), PIECES).fit(file)
    expected = "conv2/weight (1, 1, 6, 1) for conv2/kernel (1, 1, 6, 2)"
    assert fit.misshaped == {"conv2/kernel": expected}


@pytest.mark.parametrize("channels_first", [True, False])
def test_a_file_of_keras_may_flatten_channels_first(channels_first):
    maps = keras.Input((2, 3, 4))
    model = keras.Model(maps, keras.layers.Dense(5, name="fc")(keras.layers.Flatten()(maps)))
    kernel = np.random.RandomState(0).standard_normal((24, 5))
    key_map = KeyMap("", "", (("0", "fc"),), (), layout="keras", channels_first=channels_first)
    fit = Target(model, key_map).fit({"0/kernel": kernel, "0/bias": np.zeros(5)})
    assert not fit.has_problems
    rows = np.arange(24).reshape(4, 2, 3).transpose(1, 2, 0).ravel()
    expected = kernel[rows] if channels_first else kernel
    np.testing.assert_array_equal(fit.values["fc/kernel"], expected)


@pytest.mark.parametrize("depthwise", [True, False])
def test_a_grouped_convolution_may_be_a_depthwise_one(depthwise):
    maps = keras.Input((4, 4, 6))
    conv = keras.layers.Conv2D(12, 3, groups=3, use_bias=False, name="conv")
    key_map = KeyMap("", "", (("0", "conv"),), (), layout="keras", depthwise=depthwise)
    fit = Target(keras.Model(maps, conv(maps)), key_map).fit({"0/kernel": np.ones((3, 3, 6, 4))})
    assert fit.has_problems != depthwise
