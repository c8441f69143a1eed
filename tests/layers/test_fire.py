"""The module of SqueezeNet."""

import keras
import numpy as np
import pytest
from harness import images

import keras_classic_cnns as kcc
from keras_classic_cnns.layers import Fire


def test_counts_by_hand():
    image = keras.Input((54, 54, 96))
    row = kcc.analysis.cost(keras.Model(image, Fire(16, 64, 64)(image))).rows[-1]
    weights = 96 * 16 + 16 * 64 + 9 * 16 * 64
    assert row.parameters == weights + 16 + 64 + 64
    assert row.macs == 54 * 54 * weights
    assert row.output_shape == (54, 54, 128)
    assert row.receptive_field == (3, 3)


def test_every_convolution_has_bias_and_relu_and_1x1_comes_first():
    layer = Fire(1, 2, 3)
    layer.build((None, None, None, 4))
    for conv, bias in ((layer.squeeze, -1), (layer.expand1x1, 1), (layer.expand3x3, 2)):
        conv.kernel.assign(0 * conv.kernel - 1)
        conv.bias.assign(np.full(conv.filters, bias, "float32"))
    y = np.asarray(layer(np.abs(images(1, 3, 3, 4))))
    # the squeezed map is negative before its ReLU, so that only biases are left
    assert y[0, 1, 1].tolist() == [1, 1, 2, 2, 2]


def test_its_numbers_are_positive():
    with pytest.raises(ValueError, match="`expand_3x3` must be at least 1. Received: expand_3x3=0"):
        Fire(1, 1, 0)
    with pytest.raises(TypeError, match="`squeeze` must be an integer. Received: squeeze=1.5"):
        Fire(1.5, 1, 1)


def test_a_map_has_known_channels():
    with pytest.raises(ValueError, match=r"channels known. Received: inputs.shape=\(None, 8, 8, N"):
        Fire(2, 3, 3)(keras.Input((8, 8, None)))
    with pytest.raises(ValueError, match=r"`inputs` must be of shape \(batch, height, width, chan"):
        Fire(2, 3, 3)(keras.Input((8,)))


def ones(shape, dtype=None):
    return keras.ops.ones(shape, dtype)


def test_any_function_is_an_initializer():
    layer = Fire(2, 3, 3, kernel_initializer=ones)
    layer.build((None, 8, 8, 4))
    assert np.all(layer.expand3x3.kernel == 1)
