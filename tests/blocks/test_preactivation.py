"""Pre-activation units: what they compute, and what their two paths begin with."""

import keras
import numpy as np
import pytest
from cases.case import conv2d
from harness import images, randomise

from keras_classic_cnns.blocks import preactivation

BASIC, BOTTLENECK = preactivation.preact_basic_block, preactivation.preact_bottleneck_block


def unit(block, filters, channels=8, **options):
    image = keras.Input((6, 6, channels))
    model = keras.Model(image, block(image, filters, name="u", **options))
    randomise(model)
    return model


def names(model):
    return {layer.name for layer in model.layers}


class Reference:
    """The layers of a unit, in NumPy."""

    def __init__(self, model):
        self.layer = model.get_layer

    def conv(self, x, name, strides=1):
        kernel = np.asarray(self.layer(f"u_{name}").kernel, "float64")
        half = kernel.shape[0] // 2
        padded = np.pad(x, ((0, 0), (half, half), (half, half), (0, 0)))
        return conv2d(padded, kernel)[:, ::strides, ::strides]

    def active(self, x, number):
        bn = self.layer(f"u_bn{number}")
        gamma, beta, mean, variance = (np.asarray(w, "float64") for w in bn.get_weights())
        return np.maximum((x - mean) / np.sqrt(variance + 1e-5) * gamma + beta, 0)

    def basic(self, x, strides):
        y = self.conv(x, "conv1", strides)
        return self.conv(self.active(y, 2), "conv2")

    def bottleneck(self, x, strides, stride_in):
        first, second = (strides, 1) if stride_in == "1x1" else (1, strides)
        y = self.conv(x, "conv1", first)
        y = self.conv(self.active(y, 2), "conv2", second)
        return self.conv(self.active(y, 3), "conv3")


@pytest.mark.parametrize(
    "filters, strides, shortcut, preactivated",
    [
        (8, 1, "B", "branch"),
        (8, 1, "A", "both"),
        (8, 1, "B", "none"),
        (12, 2, "B", "branch"),
        (12, 2, "A", "branch"),
        (12, 1, "B", "both"),
        (12, 1, "B", "none"),
    ],
)
def test_basic_unit(filters, strides, shortcut, preactivated):
    options = {"strides": strides, "shortcut": shortcut, "preactivation": preactivated}
    model = unit(BASIC, filters, **options)
    reference, x = Reference(model), images(2, 6, 6, 8)
    active = x if preactivated == "none" else reference.active(x, 1)
    changes = filters != 8
    way = active if changes or preactivated == "both" else x
    if changes and shortcut == "B":
        way = reference.conv(way, "shortcut_conv", strides)
    elif changes:
        way = np.pad(way[:, ::strides, ::strides], ((0, 0), (0, 0), (0, 0), (0, filters - 8)))
    expected = reference.basic(active, strides) + way
    np.testing.assert_allclose(model(x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "filters, strides, stride_in", [(2, 1, "3x3"), (3, 2, "3x3"), (3, 2, "1x1")]
)
def test_bottleneck_unit(filters, strides, stride_in):
    model = unit(BOTTLENECK, filters, strides=strides, stride_in=stride_in)
    reference, x = Reference(model), images(2, 6, 6, 8)
    active = reference.active(x, 1)
    way = x if filters == 2 else reference.conv(active, "shortcut_conv", strides)
    expected = reference.bottleneck(active, strides, stride_in) + way
    np.testing.assert_allclose(model(x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("block, filters", [(BASIC, 8), (BOTTLENECK, 2)])
def test_nothing_follows_the_sum_and_projections_are_not_normalised(block, filters):
    model = unit(block, filters, strides=2)
    assert model.layers[-1].name == "u_add"
    assert {"u_shortcut_conv"} == {name for name in names(model) if "shortcut" in name}


def test_dropout_lies_between_the_convolutions():
    model = unit(BASIC, 8, strides=1, dropout=0.25)
    dropout = model.get_layer("u_dropout")
    assert dropout.rate == 0.25
    assert dropout.input is model.get_layer("u_relu2").output
    assert model.get_layer("u_conv2").input is dropout.output
    assert "u_dropout" not in names(unit(BASIC, 8, strides=1))


def test_every_kernel_is_drawn_anew():
    image = keras.Input((6, 6, 8))
    model = keras.Model(image, BASIC(image, 8, strides=1, name="u"))
    first, second = (model.get_layer(f"u_conv{i}").kernel.numpy() for i in (1, 2))
    assert first.shape == second.shape and np.any(first != second)


@pytest.mark.parametrize(
    "first, activations",
    [("branch", {"stage1_block1_bn1"}), ("both", {"stage1_block1_bn1"}), ("none", set())],
)
def test_stack_ends_activated_and_treats_its_first_unit_apart(first, activations):
    image = keras.Input((8, 8, 4))
    out = preactivation.preact_stack(image, (2, 1), (4, 8), BASIC, first=first)
    model = keras.Model(image, out)
    assert out.shape == (None, 4, 4, 8)
    assert [layer.name for layer in model.layers[-3:]] == [
        "stage2_block1_add",
        "stage2_bn",
        "stage2_relu",
    ]
    normalisations = {name for name in names(model) if name.endswith("_bn1")}
    assert normalisations == {"stage1_block2_bn1", "stage2_block1_bn1"} | activations
    way = model.get_layer("stage1_block1_add").input[0]
    is_shared = way is not image
    assert is_shared == (first == "both")
