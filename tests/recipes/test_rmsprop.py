"""RMSProp with coupled weight decay, against the formulas of TensorFlow."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_classic_cnns.recipes import RMSPropWithL2

WEIGHT, GRADIENTS = np.array([1.0, -2.0]), ([0.5, 0.25], [-0.5, 1.0], [0.1, 0.1])


def steps(optimizer):
    variable = keras.Variable(WEIGHT, name="kernel", dtype="float32")
    for gradient in GRADIENTS:
        optimizer.apply([ops.convert_to_tensor(gradient, "float32")], [variable])
    return variable.numpy()


@pytest.mark.parametrize("epsilon", [1.0, 1e-3])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("l2", [0.0, 0.05])
def test_follows_the_formula(epsilon, momentum, l2):
    w, s, m = WEIGHT.copy(), np.zeros(2), np.zeros(2)
    for gradient in GRADIENTS:
        g = np.array(gradient) + l2 * w
        s = 0.8 * s + 0.2 * g**2
        m = momentum * m + 0.1 * g / np.sqrt(s + epsilon)
        w = w - m
    ours = steps(RMSPropWithL2(0.1, 0.8, momentum, epsilon, l2=l2))
    np.testing.assert_allclose(ours, w, rtol=1e-5)


def test_without_decay_is_keras_rmsprop():
    ours = steps(RMSPropWithL2(0.1, 0.9, 0.9, 1.0))
    np.testing.assert_array_equal(ours, steps(keras.optimizers.RMSprop(0.1, 0.9, 0.9, 1.0)))


def test_the_decay_is_scaled_with_the_gradient():
    """Which is what coupled means: a decoupled one would go by rate times decay alone."""
    variable = keras.Variable([2.0], name="kernel")
    optimizer = RMSPropWithL2(0.1, rho=0.0, epsilon=1e-12, l2=0.01)
    optimizer.apply([ops.zeros((1,))], [variable])
    # g = 0.02, and g / sqrt(g ** 2) = 1 whatever the decay
    assert float(variable.numpy()[0]) == pytest.approx(1.9)


def test_reloads_with_its_arguments():
    optimizer = RMSPropWithL2(0.1, 0.8, 0.7, 0.6, l2=0.01, spares=("bias",), global_clipnorm=2.0)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert type(again) is RMSPropWithL2 and again.get_config() == optimizer.get_config()
