"""Convolutions pad symmetrically and start as He et al. say."""

import keras
import numpy as np
import pytest
from harness import images

from keras_classic_cnns.blocks import conv as conv_block


@pytest.mark.parametrize("size", [8, 9])
@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("kernel_size", [1, 3, 7])
def test_pads_symmetrically(size, strides, kernel_size):
    image = keras.Input((size, size, 2))
    model = keras.Model(image, conv_block.conv(image, 3, kernel_size, strides=strides, name="conv"))
    x = images(1, size, size, 2)
    pad = kernel_size // 2
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    kernel = np.asarray(model.get_layer("conv").kernel)
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[:2], axis=(1, 2))
    expected = np.einsum("bijckl,klcf->bijf", windows[:, ::strides, ::strides], kernel)
    np.testing.assert_allclose(model(x), expected, rtol=1e-4, atol=1e-5)


def test_initial_weights_have_the_fan_out_variance():
    for groups in (1, 4):
        image = keras.Input((8, 8, 64))
        model = keras.Model(image, conv_block.conv(image, 128, 3, groups=groups, name="conv"))
        kernel = np.asarray(model.get_layer("conv").kernel)
        assert kernel.std() == pytest.approx(np.sqrt(2 / (9 * 128)), rel=0.03)


def test_names_and_normalisation():
    image = keras.Input((8, 8, 3))
    model = keras.Model(
        image, conv_block.conv_bn_act(image, 4, 3, strides=2, prefix="unit", suffix="1")
    )
    names = [layer.name for layer in model.layers[1:]]
    assert names == ["unit_conv1_pad", "unit_conv1", "unit_bn1", "unit_relu1"]
    norm = model.get_layer("unit_bn1")
    assert (norm.momentum, norm.epsilon) == (0.9, 1e-5)
    assert not model.get_layer("unit_conv1").use_bias
