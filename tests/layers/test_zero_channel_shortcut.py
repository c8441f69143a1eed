"""Option A subsamples and appends zeros at the end."""

import numpy as np
import pytest
from harness import images

from keras_classic_cnns.layers import ZeroChannelShortcut


def test_subsamples_and_does_not_average():
    x = images(1, 4, 4, 2)
    y = np.asarray(ZeroChannelShortcut(5, strides=2)(x))
    np.testing.assert_array_equal(y[..., :2], x[:, [0, 2]][:, :, [0, 2]])
    np.testing.assert_array_equal(y[..., 2:], 0)


def test_is_the_identity_where_nothing_changes():
    x = images(1, 3, 3, 4)
    np.testing.assert_array_equal(ZeroChannelShortcut(4)(x), x)


def test_odd_sizes_round_up_as_a_strided_convolution_does():
    assert ZeroChannelShortcut(4, strides=2)(images(1, 5, 7, 4)).shape == (1, 3, 4, 4)


def test_refuses():
    with pytest.raises(ValueError, match="`filters` must be at least the 8 channels"):
        ZeroChannelShortcut(4)(images(1, 3, 3, 8))
    with pytest.raises(ValueError, match="`strides` must be at least 1. Received: strides=0"):
        ZeroChannelShortcut(4, strides=0)
