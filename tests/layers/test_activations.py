"""The scaled tanh of LeNet-5."""

import keras
import numpy as np

from keras_classic_cnns.layers import scaled_tanh


def test_values_and_serialisation():
    x = np.array([-50.0, -1.0, 0.0, 1.0, 50.0], "float32")
    y = np.asarray(scaled_tanh(x))
    np.testing.assert_allclose(y, 1.7159 * np.tanh(2 * x / 3), rtol=1e-6)
    np.testing.assert_allclose(y[[1, 3]], [-1, 1], atol=1e-4)
    layer = keras.layers.Dense(2, activation=scaled_tanh)
    copy = keras.layers.Dense.from_config(layer.get_config())
    assert copy.activation is scaled_tanh
