"""Arrays of other libraries set a whole model, or nothing of it."""

import dataclasses
import logging

import keras
import ml_dtypes
import numpy as np
import pytest
import torch_weights
from keras import layers
from weights.small_net import KEYS, arrays, net

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import get_key_map, load_arrays, load_state_dict
from keras_classic_cnns.weights.key_map import KeyMap

RESNET = get_key_map("resnet")


def state():
    return torch_weights.fill(torch_weights.shapes("resnet", "torchvision/resnet18"))


def resnet18():
    return kcc.ResNet18(input_shape=(32, 32, 3), weights=None)


def assert_unchanged(model, before):
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_every_weight_is_set():
    model = resnet18()
    load_state_dict(model, state(), RESNET)
    kernel = model.get_layer("stage2_block1_conv1").kernel
    np.testing.assert_array_equal(kernel, state()["layer2.0.conv1.weight"].transpose(2, 3, 1, 0))
    np.testing.assert_array_equal(model.get_layer("predictions").kernel, state()["fc.weight"].T)


def test_whatever_does_not_fit_is_named_and_nothing_changes():
    model = resnet18()
    before = model.get_weights()
    wrong = state()
    del wrong["bn1.bias"]
    wrong["extra.weight"] = np.ones(3)
    wrong["fc.weight"] = np.ones((10, 512))
    wrong["conv1.weight"][0, 0, 0, 0] = np.nan
    wrong["layer1.0.bn1.weight"][3] = np.inf
    with pytest.raises(ValueError) as error:
        load_arrays(model, wrong, RESNET)
    message = str(error.value)
    assert "The arrays do not fit resnet18 through the key map 'resnet'. " in message
    assert "Missing: ['stem_bn/beta']. " in message
    assert "Unexpected: ['extra.weight']. " in message
    assert "Mis-shaped: ['fc.weight (10, 512) for predictions/kernel (512, 1000)']. " in message
    assert "Not finite: ['conv1.weight', 'layer1.0.bn1.weight']. " in message
    assert message.endswith(f"Received: keys={len(wrong)}")
    assert_unchanged(model, before)


def test_two_keys_for_one_weight():
    twice = KeyMap("twice", "", ((".*", "bn"),), ())
    with pytest.raises(ValueError, match=r"Unexpected: \['b.bias'\]"):
        load_arrays(net(), {"a.bias": np.ones(2), "b.bias": np.ones(2)}, twice)


def test_a_file_without_keys():
    with pytest.raises(ValueError, match=r"Missing: \['conv1/kernel', .*Received: keys=0"):
        load_arrays(net(), {}, KEYS)


def test_keys_of_data_parallel():
    model = net()
    load_arrays(model, {f"module.{key}": value for key, value in arrays().items()}, KEYS)
    np.testing.assert_array_equal(model.get_layer("predictions").bias, arrays()["fc.bias"])


@pytest.mark.parametrize("dtype", ["float16", ml_dtypes.bfloat16, "float64"])
def test_other_precisions_become_that_of_the_model(dtype):
    model = net()
    load_arrays(model, {key: value.astype(dtype) for key, value in arrays().items()}, KEYS)
    bias = model.get_layer("predictions").bias
    assert bias.dtype == "float32"
    np.testing.assert_array_equal(bias, arrays()["fc.bias"].astype(dtype).astype("float32"))


@pytest.mark.parametrize(
    "bias",
    [np.full(5, "1.0"), np.full(5, 1j), np.full(5, True), np.full(5, 1e300)],
    ids=["text", "complex", "bool", "too large"],
)
def test_what_is_no_number_of_the_model_is_refused(bias):
    with pytest.raises(ValueError, match=r"Not finite: \['fc.bias'\]"):
        load_arrays(net(), {**arrays(), "fc.bias": bias}, KEYS)


def test_arguments():
    with pytest.raises(TypeError, match="must be a built functional model. Received: model='Den"):
        load_arrays(layers.Dense(3), {}, KEYS)
    with pytest.raises(TypeError, match="Received: skip_head='yes'"):
        load_arrays(net(), arrays(), KEYS, skip_head="yes")
    with pytest.raises(TypeError, match="Received: adapt_input=1"):
        load_arrays(net(), arrays(), KEYS, adapt_input=1)


def test_gammas_and_biases_that_the_model_lacks_leave_the_outputs_as_they_are():
    x = np.random.RandomState(0).standard_normal((2, 4, 4, 3)).astype("float32")
    file = {**arrays(), "conv2.bias": np.float32([5, -7])}
    whole, lean = net(), net(gamma=False)
    load_arrays(whole, file, KEYS)
    load_arrays(lean, file, KEYS)
    outputs = [np.asarray(model(x)["predictions"]) for model in (whole, lean)]
    np.testing.assert_allclose(outputs[0], outputs[1], rtol=1e-5)
    load_arrays(whole, arrays(), KEYS)
    assert np.min(np.abs(outputs[0] - whole(x)["predictions"])) > 1


def test_other_classes_leave_the_classifier_and_say_so(caplog):
    model = net(classes=9)
    head = model.get_layer("predictions").get_weights()
    with pytest.raises(ValueError, match="`skip_head=True` keeps a classifier"):
        load_arrays(model, arrays(), KEYS)
    with caplog.at_level(logging.WARNING):
        load_arrays(model, arrays(), KEYS, skip_head=True)
    assert len(caplog.records) == 1
    assert "small: all weights were loaded but those of 'predictions', which stay as" in caplog.text
    assert_unchanged(model.get_layer("predictions"), head)
    np.testing.assert_array_equal(model.get_layer("bn").beta, arrays()["bn.bias"])


def test_a_classifier_that_was_skipped_is_no_part_of_an_error():
    """Constructors skip it unasked, and have no argument for that."""
    with pytest.raises(ValueError, match="`adapt_input=True` adapts") as error:
        load_arrays(net(channels=1, classes=9), arrays(), KEYS, skip_head=True)
    assert "skip_head" not in str(error.value) and "fc." not in str(error.value)


def test_auxiliary_classifiers_of_other_classes_too(caplog):
    model = net(classes=9, aux=True)
    load_arrays(model, arrays(aux=True), KEYS, skip_head=True)
    assert "'aux1', 'predictions'" in caplog.text
    np.testing.assert_array_equal(model.get_layer("aux1_fc").bias, arrays(aux=True)["side_fc.bias"])


def test_a_classifier_that_fits_is_loaded_without_a_word(caplog):
    model = net(classes=9)
    load_arrays(model, arrays(classes=9), KEYS, skip_head=True)
    np.testing.assert_array_equal(model.get_layer("predictions").bias, arrays(classes=9)["fc.bias"])
    assert caplog.text == ""


def test_only_the_number_of_classes_may_differ():
    model = net(classes=9)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"fc.weight \(5, 3\) for predictions/kernel \(2, 9\)"):
        load_arrays(model, {**arrays(), "fc.weight": np.ones((5, 3))}, KEYS, skip_head=True)
    less = {key: value for key, value in arrays().items() if key != "bn.bias"}
    with pytest.raises(ValueError, match=r"Missing: \['bn/beta'\]"):
        load_arrays(model, less, KEYS, skip_head=True)
    assert_unchanged(model, before)


def test_other_classes_of_a_net_that_ends_with_a_convolution(caplog):
    model = kcc.SqueezeNet11(input_shape=(48, 48, 3), classes=7, weights=None)
    file = torch_weights.fill(torch_weights.shapes("squeezenet", "torchvision/squeezenet1_1"))
    load_arrays(model, file, get_key_map("squeezenet1_1"), skip_head=True)
    assert "'predictions'" in caplog.text
    np.testing.assert_array_equal(model.get_layer("stem_conv").bias, file["features.0.bias"])


def test_a_body_takes_a_whole_file():
    model = net(top=False)
    load_arrays(model, arrays(), KEYS)
    np.testing.assert_array_equal(model.get_layer("bn").beta, arrays()["bn.bias"])


@pytest.mark.parametrize("channels", [1, 4])
def test_images_of_other_channels_on_request(channels):
    model = net(channels=channels)
    before = model.get_weights()
    with pytest.raises(ValueError, match="`adapt_input=True` adapts the first kernel"):
        load_arrays(model, arrays(), KEYS)
    assert_unchanged(model, before)
    load_arrays(model, arrays(), KEYS, adapt_input=True)
    kernel = arrays()["conv1.weight"]
    theirs = {1: kernel.sum(axis=1, keepdims=True), 4: 0.75 * kernel[:, [0, 1, 2, 0]]}[channels]
    np.testing.assert_allclose(
        model.get_layer("conv1").kernel, theirs.transpose(2, 3, 1, 0), rtol=1e-6
    )


def test_only_the_first_kernel_is_adapted():
    wrong = {**arrays(), "conv2.weight": np.ones((2, 3, 1, 1))}
    with pytest.raises(ValueError, match=r"conv2.weight \(2, 3, 1, 1\) for conv2/kernel"):
        load_arrays(net(), wrong, KEYS, adapt_input=True)


@pytest.mark.parametrize("layout", ["torch", "keras"])
def test_a_background_class_is_dropped_where_the_map_says_so(layout):
    file = arrays(classes=6)
    kernel, bias = file["fc.weight"].T, file["fc.bias"]
    if layout == "keras":
        file = {"conv1/kernel": file["conv1.weight"].transpose(2, 3, 1, 0)} | {
            "conv1/bias": file["conv1.bias"],
            "conv2/kernel": file["conv2.weight"].transpose(2, 3, 1, 0),
            "bn/gamma": file["bn.weight"],
            "bn/beta": file["bn.bias"],
            "bn/moving_mean": file["bn.running_mean"],
            "bn/moving_variance": file["bn.running_var"],
            "fc/kernel": kernel,
            "fc/bias": bias,
        }
    key_map = dataclasses.replace(KEYS, layout=layout)
    model = net(classes=5)
    with pytest.raises(ValueError, match=r"fc.bias \(6,\) for predictions/bias \(5,\)"):
        load_arrays(model, file, key_map)
    load_arrays(model, file, dataclasses.replace(key_map, background=6))
    np.testing.assert_array_equal(model.get_layer("predictions").kernel, kernel[:, 1:])
    np.testing.assert_array_equal(model.get_layer("predictions").bias, bias[1:])
    whole = net(classes=6)  # a model that has the class itself
    load_arrays(whole, file, dataclasses.replace(key_map, background=6))
    np.testing.assert_array_equal(whole.get_layer("predictions").kernel, kernel)


def test_a_dense_layer_behind_a_flattened_map():
    maps = keras.Input((2, 3, 4))
    x = layers.Dropout(0.5)(layers.Flatten()(maps))
    model = keras.Model(maps, layers.Dense(5, name="fc")(x))
    weight = np.random.RandomState(0).standard_normal((5, 4 * 2 * 3)).astype("float32")
    file = {"0.weight": weight, "0.bias": np.zeros(5)}
    load_arrays(model, file, KeyMap("", "", (("0", "fc"),), ()))
    x = np.random.RandomState(1).standard_normal((1, 2, 3, 4)).astype("float32")
    theirs = x.transpose(0, 3, 1, 2).reshape(1, -1) @ weight.T  # channels first, as in torch
    np.testing.assert_allclose(model(x), theirs, atol=1e-5)


def test_counters_of_steps_stay():
    image = keras.Input((4, 4, 2))
    drop = kcc.layers.ScheduledDropPath(0.5, 1.0, 10, name="drop")
    model = keras.Model(image, layers.Conv2D(3, 1, use_bias=False, name="conv")(drop(image)))
    assert len(model.weights) == 2
    load_arrays(model, {"0.weight": np.ones((3, 2, 1, 1))}, KeyMap("", "", (("0", "conv"),), ()))
    assert np.all(np.asarray(model.get_layer("conv").kernel) == 1)
