"""Average pooling that says whether padding counts."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import PaddedAveragePooling2D


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("size", [7, 8, 9])
def test_sizes_known_only_when_it_runs(size, include):
    layer = PaddedAveragePooling2D(3, 2, 1, ceil_mode=True, count_include_pad=include)
    free = tf.function(layer, input_signature=[tf.TensorSpec((None, None, None, 3))])
    x = images(2, size, size + 1, 3)
    np.testing.assert_allclose(free(x), layer(x), atol=1e-6)


def test_without_counting_it_is_tensorflows_same():
    x = images(2, 9, 8, 3)
    layer = PaddedAveragePooling2D(3, 1, 1, count_include_pad=False)
    same = keras.layers.AveragePooling2D(3, 1, "same")
    np.testing.assert_allclose(layer(x), same(x), atol=1e-6)


def test_counted_padding_lowers_the_border():
    ones = np.ones((1, 3, 3, 1), "float32")
    y = np.asarray(PaddedAveragePooling2D(3, 1, 1)(ones))[0, :, :, 0]
    np.testing.assert_allclose(y[0], [4 / 9, 6 / 9, 4 / 9], atol=1e-6)


def test_what_lies_over_the_end_never_counts():
    ones = np.ones((1, 4, 4, 1), "float32")
    y = PaddedAveragePooling2D(3, 2, ceil_mode=True)(ones)
    np.testing.assert_allclose(y, np.ones((1, 2, 2, 1)), atol=1e-6)


def test_padding_of_more_than_half_a_window():
    with pytest.raises(ValueError, match=r"`padding` must be at most half .* Received: padding=2"):
        PaddedAveragePooling2D(3, 2, padding=2)
