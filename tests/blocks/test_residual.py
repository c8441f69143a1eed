"""Residual units: where they stride, what their shortcuts are, how they start."""

import keras
import numpy as np
import pytest
from harness import images

from keras_classic_cnns.blocks import residual


def unit(block, filters, channels=8, **options):
    image = keras.Input((6, 6, channels))
    return keras.Model(image, block(image, filters, name="u", **options))


def layer_names(model):
    return {layer.name for layer in model.layers}


@pytest.mark.parametrize("stride_in, first, second", [("1x1", 2, 1), ("3x3", 1, 2)])
def test_the_convolution_that_strides(stride_in, first, second):
    model = unit(residual.bottleneck_block, 4, strides=2, shortcut="B", stride_in=stride_in)
    assert model.get_layer("u_conv1").strides == (first, first)
    assert model.get_layer("u_conv2").strides == (second, second)
    assert model.output_shape == (None, 3, 3, 16)


@pytest.mark.parametrize(
    "shortcut, filters, strides, expected",
    [
        ("A", 8, 1, set()),
        ("A", 16, 2, {"u_shortcut"}),
        ("A", 16, 1, {"u_shortcut"}),
        ("B", 8, 1, set()),
        ("B", 8, 2, {"u_shortcut_conv", "u_shortcut_bn"}),
        ("B", 16, 1, {"u_shortcut_conv", "u_shortcut_bn"}),
        ("C", 8, 1, {"u_shortcut_conv", "u_shortcut_bn"}),
    ],
)
def test_shortcuts(shortcut, filters, strides, expected):
    model = unit(residual.basic_block, filters, strides=strides, shortcut=shortcut)
    assert {name for name in layer_names(model) if "shortcut" in name} == expected
    assert "u_add" in layer_names(model)


def test_a_plain_unit_adds_nothing():
    names = layer_names(unit(residual.basic_block, 8, strides=1, shortcut=None))
    assert "u_add" not in names and "u_out" in names


@pytest.mark.parametrize("block", [residual.basic_block, residual.bottleneck_block])
def test_zero_gamma_starts_as_the_shortcut(block):
    filters = 8 if block is residual.basic_block else 2
    model = unit(block, filters, strides=1, shortcut="B", zero_init_last_gamma=True)
    x = images(2, 6, 6, 8)
    np.testing.assert_array_equal(model(x), np.maximum(x, 0))
    default = unit(block, filters, strides=1, shortcut="B")
    assert np.any(np.asarray(default(x)) != np.maximum(x, 0))


def test_grouped_unit_has_groups_and_width():
    model = unit(residual.bottleneck_block, 4, strides=1, shortcut="B", groups=4, width=16)
    assert model.get_layer("u_conv2").groups == 4
    assert model.get_layer("u_conv2").kernel.shape == (3, 3, 4, 16)


def test_a_first_convolution_of_its_own_width_and_a_larger_projection():
    options = {"shortcut": "B", "width": 16, "first_width": 6, "projection_size": 3}
    model = unit(residual.bottleneck_block, 4, strides=2, **options)
    assert model.get_layer("u_conv1").filters == 6
    assert model.get_layer("u_conv2").filters == 16
    assert model.get_layer("u_shortcut_conv").kernel_size == (3, 3)
    assert model.output_shape == (None, 3, 3, 16)
    # without a stride nothing is skipped, so that 1x1 is enough
    model = unit(residual.bottleneck_block, 4, strides=1, **options)
    assert model.get_layer("u_shortcut_conv").kernel_size == (1, 1)


@pytest.mark.parametrize(
    "padded, size, out, first",
    [(True, 8, 4, 9), (False, 8, 4, 18), (True, 9, 5, 10), (False, 9, 4, 20)],
)
def test_where_the_windows_of_the_two_pools_lie(padded, size, out, first):
    """The first one covers rows and columns up to 1 with padding, up to 2 without."""
    image = keras.Input((size, size, 1))
    model = keras.Model(image, residual.stem_pool(image, padded=padded))
    y = np.asarray(model(np.arange(size**2, dtype="float32").reshape(1, size, size, 1)))
    assert y.shape == (1, out, out, 1)
    assert y[0, 0, 0, 0] == first
    assert y[0, -1, -1, 0] == size**2 - 1


def test_stack_halves_at_every_stage_but_the_first():
    image = keras.Input((16, 16, 4))
    out = residual.stack(image, (2, 1, 1), (4, 8, 16), residual.basic_block, shortcut="A")
    names = layer_names(keras.Model(image, out))
    assert out.shape == (None, 4, 4, 16)
    assert {"stage1_block2_out", "stage3_block1_out"} <= names


def test_stems():
    image = keras.Input((224, 224, 3))
    assert residual.imagenet_stem(image).shape == (None, 56, 56, 64)
    assert residual.imagenet_stem(image, padded_pool=False).shape == (None, 56, 56, 64)
    assert residual.cifar_stem(keras.Input((32, 32, 3))).shape == (None, 32, 32, 16)
