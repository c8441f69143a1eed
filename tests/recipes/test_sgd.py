"""SGD with coupled weight decay, against the formulas and against what it is not."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_classic_cnns.recipes import SGDWithL2

WEIGHT, GRADIENTS = np.array([1.0, -2.0]), ([0.5, 0.25], [-0.5, 1.0], [0.1, 0.1])


def steps(optimizer, name="kernel"):
    variable = keras.Variable(WEIGHT, name=name, dtype="float32")
    for gradient in GRADIENTS:
        optimizer.apply([ops.convert_to_tensor(gradient, "float32")], [variable])
    return variable.numpy()


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_follows_the_formula(momentum, nesterov):
    rate, l2 = 0.1, 0.05
    w, v = WEIGHT.copy(), np.zeros(2)
    for gradient in GRADIENTS:
        g = np.array(gradient) + l2 * w
        v = momentum * v - rate * g
        w = w + (momentum * v - rate * g if nesterov else v)
    ours = steps(SGDWithL2(rate, momentum, nesterov, l2=l2))
    np.testing.assert_allclose(ours, w, rtol=1e-6)


def test_is_the_gradient_of_an_l2_regularizer():
    def trained(regularizer, l2):
        keras.utils.set_random_seed(1)
        dense = keras.layers.Dense(2, kernel_regularizer=regularizer)
        model = keras.Sequential([keras.Input((3,)), dense])
        model.compile(SGDWithL2(0.1, 0.9, l2=l2, spares=("bias",)), "mse")
        x = np.random.RandomState(0).normal(size=(8, 3))
        model.fit(x, x[:, :2] + 1, epochs=3, batch_size=4, shuffle=False, verbose=0)
        return model.get_weights()

    for ours, theirs in zip(
        trained(None, 0.02), trained(keras.regularizers.L2(0.01), 0.0), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_differs_from_decoupled_weight_decay():
    ours = steps(SGDWithL2(0.1, 0.9, l2=0.05))
    decoupled = steps(keras.optimizers.SGD(0.1, 0.9, weight_decay=0.05))
    assert np.abs(ours - decoupled).max() > 1e-3


def test_without_decay_is_keras_sgd():
    np.testing.assert_array_equal(steps(SGDWithL2(0.1, 0.9)), steps(keras.optimizers.SGD(0.1, 0.9)))


def test_spares_weights_by_the_end_of_their_path():
    optimizer = SGDWithL2(0.1, l2=0.5, spares=("bias", "gamma"))
    names = ("kernel", "bias", "gamma", "beta")
    variables = [keras.Variable([1.0], name=name) for name in names]
    optimizer.apply([ops.zeros((1,)) for _ in variables], variables)
    after = [float(variable.numpy()[0]) for variable in variables]
    assert after == pytest.approx([0.95, 1.0, 1.0, 0.95])


def test_decays_by_the_layers_of_a_model():
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(2, 3, bias_initializer="ones"),
            keras.layers.BatchNormalization(beta_initializer="ones"),
        ]
    )
    optimizer = SGDWithL2(0.1, l2=0.5, spares=("bias", "gamma", "beta"))
    before = [weight.numpy() for weight in model.trainable_variables]
    optimizer.apply([ops.zeros(w.shape) for w in before], model.trainable_variables)
    for variable, old in zip(model.trainable_variables, before, strict=True):
        factor = 0.95 if variable.path.endswith("kernel") else 1.0
        np.testing.assert_allclose(variable.numpy(), factor * old, rtol=1e-6)


def test_reloads_with_its_state(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(SGDWithL2(0.1, 0.9, nesterov=True, l2=0.01, spares=("bias",)), "mse")
    x, y = np.ones((4, 3)), np.ones((4, 1))
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert isinstance(again.optimizer, SGDWithL2)
    assert again.optimizer.get_config() == model.optimizer.get_config()
    for each in (model, again):
        each.fit(x, y, verbose=0)
    for ours, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
