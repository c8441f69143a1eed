"""DenseLayer: normalisation and activation come before each convolution."""

import numpy as np
import pytest
from harness import images

from keras_classic_cnns.layers import DenseLayer


def test_the_bottleneck_is_four_times_as_wide_as_the_output():
    layer = DenseLayer(12)
    layer.build((None, 8, 8, 24))
    assert layer.conv1.kernel.shape == (1, 1, 24, 48)
    assert layer.conv2.kernel.shape == (3, 3, 48, 12)


def test_dropout_acts_in_training_only():
    x = images(4, 8, 8, 6)
    layer = DenseLayer(8, bottleneck=False, dropout=0.5, seed=1)
    zeros = np.mean(np.asarray(layer(x, training=True)) == 0)
    assert 0.4 < zeros < 0.6
    np.testing.assert_array_equal(layer(x), layer(x))


def test_a_rate_of_one():
    with pytest.raises(ValueError, match="`dropout` must be less than 1. Received: dropout=1"):
        DenseLayer(8, dropout=1)
