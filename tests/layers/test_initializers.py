"""Uniform in +-bound / fan-in."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.layers import FanInUniform


@pytest.mark.parametrize("shape, fan_in", [((5, 5, 6, 200), 150), ((120, 84), 120)])
def test_bound_and_spread(shape, fan_in):
    kernel = np.asarray(FanInUniform()(shape))
    limit = 2.4 / fan_in
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    assert abs(kernel.mean()) < 0.02 * limit


def test_seed_and_config():
    first, second = (np.asarray(FanInUniform(seed=3)((4, 5))) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.any(np.asarray(FanInUniform()((4, 5))) != np.asarray(FanInUniform()((4, 5))))
    copy = keras.initializers.deserialize(keras.initializers.serialize(FanInUniform(1.5, seed=3)))
    assert (copy.bound, copy.seed) == (1.5, 3)
    with pytest.raises(ValueError, match="`bound` must be at least 0.0. Received: bound=-1"):
        FanInUniform(-1)
