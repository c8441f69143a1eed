"""The gate over channels."""

import keras
import numpy as np
import pytest
from harness import images

from keras_classic_cnns.layers import SqueezeExcite


def test_it_has_two_dense_layers_with_bias():
    layer = SqueezeExcite(16)
    layer.build((None, 7, 7, 256))
    assert layer.count_params() == 256 * 16 + 16 + 16 * 256 + 256
    assert layer.count_macs((None, 7, 7, 256)) == 2 * 256 * 16


def test_the_gate_is_the_same_everywhere():
    x = np.abs(images(2, 5, 6, 8)) + 0.1
    gate = np.asarray(SqueezeExcite(2)(x)) / x
    np.testing.assert_allclose(gate, np.broadcast_to(gate[:, :1, :1], gate.shape), rtol=1e-5)
    assert np.all((gate > 0) & (gate < 1))


def test_too_few_channels():
    with pytest.raises(ValueError, match="at most the 8 channels of the input. Received: ratio=16"):
        SqueezeExcite(16)(images(1, 4, 4, 8))


@pytest.mark.parametrize("shape", [(8,), (4, 4, None)])
def test_its_input_is_a_map_of_known_channels(shape):
    with pytest.raises(ValueError, match=r"channels known. Received: inputs.shape=\(None, "):
        SqueezeExcite(2)(keras.Input(shape))
