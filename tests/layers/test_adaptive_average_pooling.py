"""Average pooling to a given size."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import AdaptiveAveragePooling2D


def test_a_map_of_the_size_passes_unchanged():
    x = images(2, 7, 7, 3)
    np.testing.assert_array_equal(AdaptiveAveragePooling2D(7)(x), x)


def test_a_smaller_map_is_stretched():
    x = images(2, 1, 1, 3)
    np.testing.assert_array_equal(AdaptiveAveragePooling2D(6)(x), np.tile(x, (1, 6, 6, 1)))


@pytest.mark.parametrize("size", [8, 9, 13, 14])
def test_a_larger_map_is_pooled_as_keras_does(size):
    x = images(2, size, size + 1, 3)
    theirs = keras.layers.AdaptiveAveragePooling2D(7)(x)
    np.testing.assert_allclose(AdaptiveAveragePooling2D(7)(x), theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [2, 7, 10])
def test_sizes_known_only_when_it_runs(size):
    layer = AdaptiveAveragePooling2D((7, 3))
    free = tf.function(layer, input_signature=[tf.TensorSpec((None, None, None, 3))])
    x = images(2, size, size + 1, 3)
    np.testing.assert_allclose(free(x), layer(x), rtol=1e-6, atol=1e-6)


def test_channels_first():
    x = images(2, 5, 6, 3)
    first = AdaptiveAveragePooling2D((3, 8), data_format="channels_first")(x.transpose(0, 3, 1, 2))
    last = AdaptiveAveragePooling2D((3, 8))(x)
    np.testing.assert_allclose(np.transpose(first, (0, 2, 3, 1)), last, rtol=1e-6, atol=1e-6)
