"""Max pooling with padding of minus infinity and windows over the end."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import PaddedMaxPooling2D


@pytest.mark.parametrize(
    ("size", "arguments", "expected"),
    [
        (112, {"ceil_mode": True}, 56),
        (112, {"padding": 1}, 56),
        (111, {"ceil_mode": True}, 55),
        (55, {"ceil_mode": True}, 27),
        (13, {}, 6),
        (4, {"padding": 1, "ceil_mode": True}, 3),  # the fourth would begin behind the map
    ],
)
def test_number_of_windows(size, arguments, expected):
    layer = PaddedMaxPooling2D(3, 2, **arguments)
    assert layer.compute_output_shape((1, size, size, 2)) == (1, expected, expected, 2)
    assert layer(images(1, size, size, 2)).shape == (1, expected, expected, 2)


def test_padding_never_wins():
    x = -np.abs(images(2, 6, 6, 3)) - 1
    assert np.all(np.asarray(PaddedMaxPooling2D(3, 2, 1, ceil_mode=True)(x)) <= -1)


@pytest.mark.parametrize("size", [7, 8, 9])
def test_sizes_known_only_when_it_runs(size):
    layer = PaddedMaxPooling2D(3, 2, 1, ceil_mode=True)
    free = tf.function(layer, input_signature=[tf.TensorSpec((None, None, None, 3))])
    x = images(2, size, size + 1, 3)
    np.testing.assert_array_equal(free(x), layer(x))


def test_a_map_smaller_than_the_window():
    with pytest.raises(ValueError, match="smaller than the window of 3. Received: size=2"):
        PaddedMaxPooling2D(3, 2)(keras.Input((2, 8, 1)))


def test_padding_of_more_than_half_a_window():
    with pytest.raises(ValueError, match=r"`padding` must be at most half .* Received: padding=2"):
        PaddedMaxPooling2D(3, 2, padding=2)
    with pytest.raises(ValueError, match="`pool_size` must be one or two integers"):
        PaddedMaxPooling2D((3, 3, 3))
