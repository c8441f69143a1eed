"""State dicts of other libraries, through maps of their keys."""

import keras
import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import get_key_map, list_key_maps, load_state_dict
from keras_classic_cnns.weights.key_map import KeyMap, find_path, to_keras_layout


@pytest.fixture
def resnet18():
    return kcc.ResNet18(input_shape=(32, 32, 3))


def state():
    return torch_weights.fill(torch_weights.shapes("resnet", "torchvision/resnet18"))


def test_every_weight_is_set(resnet18):
    load_state_dict(resnet18, state(), get_key_map("resnet"))
    kernel = resnet18.get_layer("stage2_block1_conv1").kernel
    theirs = state()["layer2.0.conv1.weight"]
    np.testing.assert_array_equal(kernel, theirs.transpose(2, 3, 1, 0))


def test_whatever_does_not_fit_is_named_and_nothing_changes(resnet18):
    before = resnet18.get_weights()
    wrong = state()
    del wrong["bn1.bias"]
    wrong["extra.weight"] = np.ones(3)
    wrong["fc.weight"] = np.ones((10, 512))
    with pytest.raises(ValueError) as error:
        load_state_dict(resnet18, wrong, get_key_map("resnet"))
    message = str(error.value)
    assert "Missing: ['stem_bn/beta']" in message
    assert "Unexpected: ['extra.weight']" in message
    assert "fc.weight (10, 512) for predictions/kernel (512, 1000)" in message
    for old, new in zip(before, resnet18.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_map_that_extends_another_has_its_rules_but_not_what_it_ignores():
    whole, plain = get_key_map("inception_v3_aux"), get_key_map("inception_v3")
    assert whole.rules[-len(plain.rules) :] == plain.rules
    assert find_path("AuxLogits.fc.bias", whole, ["aux1/bias"]) == "aux1/bias"
    assert r"AuxLogits\..*" in plain.ignored and r"AuxLogits\..*" not in whole.ignored


def test_two_keys_for_one_weight(resnet18):
    twice = KeyMap("twice", "", ((".*", "stem_bn"),), ())
    with pytest.raises(ValueError, match=r"Unexpected: \['b.bias'\]"):
        load_state_dict(resnet18, {"a.bias": np.ones(64), "b.bias": np.ones(64)}, twice)


def test_a_dense_layer_behind_a_flattened_map():
    maps = keras.Input((2, 3, 4))
    x = keras.layers.Dropout(0.5)(keras.layers.Flatten()(maps))
    model = keras.Model(maps, keras.layers.Dense(5, name="fc")(x))
    weight = np.random.RandomState(0).standard_normal((5, 4 * 2 * 3)).astype("float32")
    load_state_dict(
        model, {"0.weight": weight, "0.bias": np.zeros(5)}, KeyMap("", "", (("0", "fc"),), ())
    )
    x = np.random.RandomState(1).standard_normal((1, 2, 3, 4)).astype("float32")
    theirs = x.transpose(0, 3, 1, 2).reshape(1, -1) @ weight.T  # channels first, as in torch
    np.testing.assert_allclose(model(x), theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ((8, 4, 3, 5), (3, 5, 4, 8)),
        ((8, 1, 3, 3), (3, 3, 8, 1)),  # depthwise
        ((8, 1, 3, 3), (3, 3, 1, 8)),  # one input channel
        ((8, 4, 1, 1), (4, 8)),  # a 1x1 convolution is a dense layer
        ((8, 4, 2, 3), (24, 8)),  # and so is one over the whole map
        ((8, 4), (1, 1, 4, 8)),
        ((8, 4), (4, 8)),
        ((8,), (8,)),
    ],
)
def test_layouts(theirs, ours):
    array = np.arange(np.prod(theirs)).reshape(theirs)
    assert to_keras_layout(array, ours).shape == ours
    assert to_keras_layout(array, (*ours[:-1], 99)) is None


def test_templates_count_and_name_variables():
    rules = ((r"a(\d+)\.b(\d+)", "x{1+1}_{2-1}"), ("c", "y/own_kernel"), ("d", "z"))
    key_map = KeyMap("", "", rules, ())
    paths = {"x2_4/kernel", "y/own_kernel", "z/gamma", "z/moving_variance"}
    assert find_path("a1.b5.weight", key_map, paths) == "x2_4/kernel"
    assert find_path("c.weight", key_map, paths) == "y/own_kernel"
    assert find_path("d.weight", key_map, paths) == "z/gamma"
    assert find_path("d.running_var", key_map, paths) == "z/moving_variance"
    assert find_path("e.weight", key_map, paths) is None
    assert find_path("d.bias", key_map, paths) is None


def test_a_rule_that_leads_nowhere_gives_way_to_the_next():
    key_map = KeyMap("", "", (("bn1", "stem_bn"), ("bn1", "stem_bn3")), ())
    assert find_path("bn1.bias", key_map, {"stem_bn3/beta"}) == "stem_bn3/beta"
    assert find_path("bn1.bias", key_map, {"stem_bn/beta", "stem_bn3/beta"}) == "stem_bn/beta"
    assert find_path("bn1.bias", key_map, {"stem_conv/bias"}) is None


def test_an_unknown_map():
    assert "resnet" in list_key_maps()
    with pytest.raises(ValueError, match="Did you mean 'resnet'"):
        get_key_map("resnets")
