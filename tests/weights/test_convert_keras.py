"""Weights of `keras.applications` give its logits, through the names of its files."""

import keras
import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import get_key_map, load_arrays

BODY = {"include_top": False}
# constructor, its key map, our options, height and width, variance of a kernel times its fan-in
CASES = [
    pytest.param("ResNet50", "resnet_keras", {"stride_in": "1x1"}, 45, 1.0),
    pytest.param("DenseNet121", "densenet_keras", {}, 45, 2.0),
    pytest.param("VGG16", "vgg_keras", BODY, 45, 2.0),
    pytest.param("InceptionV3", "inception_v3_keras", {}, 75, 3.0),
    *(
        pytest.param(*case, marks=pytest.mark.exhaustive)
        for case in [
            ("NASNetMobile", "nasnet_mobile_keras", {}, 32, 1.0),
            ("InceptionResNetV2", "inception_resnet_v2_keras", {}, 75, 3.0),
            ("ResNet101", "resnet_keras", {"stride_in": "1x1"}, 32, 1.0),
            ("ResNet152", "resnet_keras", {"stride_in": "1x1"}, 32, 1.0),
            ("DenseNet169", "densenet_keras", {}, 32, 2.0),
            ("DenseNet201", "densenet_keras", {}, 32, 2.0),
            ("VGG19", "vgg_keras", {}, 224, 2.0),
            ("NASNetLarge", "nasnet_large_keras", {"variant": "keras"}, 32, 1.0),
        ]
    ),
]
MAPS = {case.values[1] for case in CASES}


def draw(weight, random, gain):
    """Values that keep the maps of a deep net near one, with small variances, so that a wrong
    epsilon shows, and biases that do not vanish."""
    noise = random.standard_normal(weight.shape)
    if weight.name in ("gamma", "moving_variance"):
        return 1 + 0.1 * np.abs(noise)
    if len(weight.shape) == 1:
        return 0.1 * noise
    summed = weight.shape[:2] if weight.name == "depthwise_kernel" else weight.shape[:-1]
    return noise * np.sqrt(gain / np.prod(summed))


def randomised(model, gain):
    """Sets all weights, and returns them as a file of Keras names them."""
    random, arrays = np.random.RandomState(0), {}
    for layer in model.layers:
        for weight in layer.weights:
            weight.assign(draw(weight, random, gain))
            arrays[f"{layer.name}/{weight.name}"] = weight.numpy()
    return arrays


@pytest.mark.parametrize(("constructor", "key_map", "options", "size", "gain"), CASES)
def test_logits_are_those_of_keras(constructor, key_map, options, size, gain, record_property):
    shared = {"weights": None, "input_shape": (size, size, 3)}
    shared |= BODY if options is BODY else {"classifier_activation": None}
    theirs = getattr(keras.applications, constructor)(**shared)
    arrays = randomised(theirs, gain)
    ours = getattr(kcc, constructor)(**{**shared, **options})
    load_arrays(ours, arrays, get_key_map(key_map))
    x = torch_weights.image(size)
    expected, actual = (np.asarray(model(x)) for model in (theirs, ours))
    # logits that depend on the image, so that equality says something
    assert np.max(np.abs(expected[0] - expected[1])) > 0.03 * np.ptp(expected)
    difference = np.max(np.abs(actual - expected)) / np.ptp(expected)
    record_property("difference", float(difference))
    assert difference <= 1e-4


def test_names_of_old_densenet_files():
    """Files of keras-applications say `conv1/conv` and `fc1000`."""
    model = kcc.DenseNet121(input_shape=(32, 32, 3), weights=None)
    arrays = randomised(keras.applications.DenseNet121(weights=None, input_shape=(32, 32, 3)), 1)
    old = {"conv1_conv": "conv1/conv", "conv1_bn": "conv1/bn", "predictions": "fc1000"}
    renamed = {}
    for key, value in arrays.items():
        layer, _, variable = key.rpartition("/")
        renamed[f"{old.get(layer, layer)}/{variable}"] = value
    load_arrays(model, renamed, get_key_map("densenet_keras"))
    np.testing.assert_array_equal(model.get_layer("stem_conv").kernel, arrays["conv1_conv/kernel"])
    np.testing.assert_array_equal(model.get_layer("predictions").bias, arrays["predictions/bias"])


def test_the_strides_of_keras_are_in_the_first_convolution():
    """With torchvision's strides the same weights give other logits."""
    theirs = keras.applications.ResNet50(weights=None, input_shape=(45, 45, 3), **BODY)
    ours = kcc.ResNet50(input_shape=(45, 45, 3), **BODY, weights=None)
    load_arrays(ours, randomised(theirs, 1), get_key_map("resnet_keras"))
    x = torch_weights.image(45)
    expected = np.asarray(theirs(x))
    assert np.max(np.abs(np.asarray(ours(x)) - expected)) > 0.05 * np.ptp(expected)
