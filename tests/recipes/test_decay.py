"""What the optimizers of the papers share: what is decayed, clipped and averaged, and how."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import two_replicas
from keras import ops

from keras_classic_cnns.recipes import RMSPropWithL2, SGDWithL2

NAMES = ("kernel", "bias", "gamma", "beta")
EACH = pytest.mark.parametrize("optimizer", [SGDWithL2, RMSPropWithL2])


def after(optimizer, gradients=(0, 0, 0, 0), steps=1):
    """The weights after some steps from 2."""
    variables = [keras.Variable([2.0], name=name) for name in NAMES]
    for _ in range(steps):
        optimizer.apply([ops.convert_to_tensor([float(g)]) for g in gradients], variables)
    return [float(variable.numpy()[0]) for variable in variables]


def test_coupled_decay_goes_through_the_momentum():
    optimizer = SGDWithL2(0.1, momentum=0.9, l2=0.5, spares=("bias", "gamma", "beta"))
    # v = -0.1 * 0.5 * 2 = -0.1, w = 1.9; v = 0.9 * -0.1 - 0.1 * 0.5 * 1.9 = -0.185
    assert after(optimizer, steps=2) == pytest.approx([1.715, 2, 2, 2])


def test_decoupled_decay_stays_beside_the_momentum():
    optimizer = SGDWithL2(0.1, momentum=0.9, weight_decay=0.5, spares=("bias", "gamma", "beta"))
    # 2 * (1 - 0.1 * 0.5) ** 2
    assert after(optimizer, steps=2) == pytest.approx([1.805, 2, 2, 2])


@EACH
def test_decoupled_decay_is_not_scaled(optimizer):
    """It takes rate * decay off a weight, whatever the rule makes of gradients."""
    found = after(optimizer(0.1, weight_decay=0.5, spares=("gamma",)))
    assert found == pytest.approx([1.9, 1.9, 2, 1.9])


@EACH
def test_nothing_is_spared_by_default(optimizer):
    assert after(optimizer(0.1, weight_decay=0.5)) == pytest.approx([1.9] * 4)


def test_the_clip_is_of_all_gradients_together_and_leaves_the_decay_alone():
    optimizer = SGDWithL2(0.1, l2=0.5, spares=("gamma",), global_clipnorm=1.0)
    # of norm 5: 2 - 0.1 * (3 / 5 + 1), 2 - 0.1 * 1, 2 - 0.1 * 4 / 5, 2 - 0.1 * 1
    assert after(optimizer, [3, 0, 4, 0]) == pytest.approx([1.84, 1.9, 1.92, 1.9])


def test_what_is_short_is_not_clipped():
    found = after(SGDWithL2(0.1, global_clipnorm=6.0), [3, 0, 4, 0])
    assert found == pytest.approx([1.7, 2, 1.6, 2])


@pytest.mark.parametrize("clip", [{"global_clipnorm": 0.5}, {"clipnorm": 0.2}, {"clipvalue": 0.1}])
def test_over_replicas_the_sum_of_the_gradients_is_clipped(clip):
    """Not the share of each, as Keras does, whose sum may be as long as all clips together."""
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    found = []
    for strategy in (tf.distribute.get_strategy(), two_replicas()):
        with strategy.scope():
            model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
            model.layers[0].set_weights([np.ones((3, 2)), np.zeros(2)])
            model.compile(SGDWithL2(1.0, l2=0.01, **clip), "mse")
        model.fit(x, np.full((8, 2), 9.0), batch_size=8, verbose=0)
        found.append(model.get_weights())
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(two, one, atol=1e-6)


@EACH
def test_spared_weights_survive_a_reload(optimizer, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, bias_initializer="ones")])
    model.compile(optimizer(0.1, weight_decay=0.5, spares=("bias",)), "mse")
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    weights = again.trainable_variables
    kernel, bias = (weight.numpy() for weight in weights)
    again.optimizer.apply([ops.zeros((2, 1)), ops.zeros((1,))], weights)
    np.testing.assert_allclose(weights[0].numpy(), 0.95 * kernel, rtol=1e-6)
    np.testing.assert_array_equal(weights[1].numpy(), bias)


def averaged(average_from, epochs):
    """A weight that falls by 1 a step from 0, 4 steps an epoch, each epoch a `fit` of its own."""
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")]
    )
    optimizer = SGDWithL2(1.0, use_ema=True, ema_momentum=0.5, average_from=average_from)
    model.compile(optimizer, loss=lambda labels, outputs: outputs)  # of gradient 1
    for _ in range(epochs):
        model.fit(np.ones((4, 1)), np.ones((4, 1)), batch_size=1, verbose=0)
    return float(model.trainable_variables[0].numpy()[0, 0])


def by_hand(steps):
    average = -1.0  # the first step's weight
    for weight in range(-2, -steps - 1, -1):
        average = 0.5 * average + 0.5 * weight
    return average


def test_as_in_keras_every_fit_ends_with_the_average():
    assert averaged(average_from=0, epochs=1) == pytest.approx(by_hand(4))


def test_a_run_in_parts_goes_on_from_its_weights_and_ends_with_the_average():
    assert averaged(average_from=8, epochs=1) == pytest.approx(-4)
    assert averaged(average_from=8, epochs=2) == pytest.approx(by_hand(8))


@EACH
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"l2": -1}, ValueError, "`l2` must be at least 0. Received: l2=-1$"),
        (
            {"l2": 0.1, "weight_decay": 0.2},
            ValueError,
            "either `l2` or `weight_decay`.*Received: weight_decay=0.2$",
        ),
        ({"spares": "bias"}, TypeError, "must be a sequence.*Received: spares='bias'$"),
        ({"average_from": -1}, ValueError, "at least 0. Received: average_from=-1$"),
    ],
)
def test_wrong_arguments(optimizer, arguments, error, message):
    with pytest.raises(error, match=message):
        optimizer(**arguments)
