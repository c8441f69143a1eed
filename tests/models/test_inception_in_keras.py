"""The two Inception nets that keras.applications has give the same logits with the same weights.

Keras numbers most layers, in the order in which they are made, branch by branch, which is the order
of our tables; the projections of residual units and the last convolution have names of their own.
Its graphs are ours without dropout.
"""

import re

import keras
import numpy as np
import pytest

import keras_classic_cnns as kcc

SIZE = 75
BLOCKS = ("block35", "block17", "block8", "conv")  # Keras's names, in the order of the net
OWN_NAMES = r"stage\d_block\d+_conv|stage3_block12_(conv|bn)1"  # ours of the same layers


def natural(name):
    """Sorts names by the numbers in them."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def our_order(layer):
    is_named = re.fullmatch(OWN_NAMES, layer.name) is not None
    return (is_named, natural(layer.name.replace("stem", "stage0")))


def their_order(layer):
    block = layer.name.split("_")[0]
    place = BLOCKS.index(block) if block in BLOCKS else -1
    return (place, natural(layer.name))


def in_order(model, kind, order):
    return sorted((layer for layer in model.layers if isinstance(layer, kind)), key=order)


def draw(weight, random):
    """A value that keeps the maps of a deep net without gamma near one."""
    noise = random.standard_normal(weight.shape)
    if weight.name == "moving_variance":
        return 1 + 0.3 * np.abs(noise)
    fan_in = np.prod(weight.shape[:-1])
    return noise * np.sqrt(3 / fan_in) if len(weight.shape) > 1 else 0.1 * noise


@pytest.mark.parametrize("constructor", ["InceptionV3", "InceptionResNetV2"])
def test_equals_keras_applications(constructor):
    arguments = {"input_shape": (SIZE, SIZE, 3), "classifier_activation": None}
    theirs = getattr(keras.applications, constructor)(weights=None, **arguments)
    ours = getattr(kcc, constructor)(weights=None, **arguments)
    random = np.random.RandomState(0)
    for kind in (keras.layers.Conv2D, keras.layers.BatchNormalization, keras.layers.Dense):
        sources, targets = in_order(theirs, kind, their_order), in_order(ours, kind, our_order)
        for source, target in zip(sources, targets, strict=True):
            values = [draw(weight, random) for weight in source.weights]
            source.set_weights(values)
            target.set_weights(values)
    x = random.standard_normal((2, SIZE, SIZE, 3)).astype("float32")
    expected, actual = (model.predict(x, verbose=0) for model in (theirs, ours))
    # logits that depend on the image, so that equality says something
    assert np.max(np.abs(expected[0] - expected[1])) > 1e-3 * np.ptp(expected)
    assert np.max(np.abs(actual - expected)) <= 1e-4 * np.ptp(expected)
