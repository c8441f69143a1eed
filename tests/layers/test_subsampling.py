"""Trainable subsampling has two parameters a map and starts as average pooling."""

import numpy as np
import pytest
from harness import images

from keras_classic_cnns.layers import TrainableSubsampling


def test_two_parameters_a_map():
    layer = TrainableSubsampling(2)
    layer.build((None, 28, 28, 6))
    assert layer.count_params() == 12


def test_starts_as_average_pooling():
    x = images(1, 4, 6, 3)
    expected = x.reshape(1, 2, 2, 3, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(TrainableSubsampling(2)(x), expected, rtol=1e-5, atol=1e-6)


def test_refuses():
    with pytest.raises(TypeError, match="`pool_size` must be an integer. Received: pool_size=2.5"):
        TrainableSubsampling(2.5)
