"""Loading what a graph has no variable for leaves its outputs as they were."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_classic_cnns.weights.folding import fold, foldable


def net(*, bias: bool, gamma: bool, epsilon: float = 1e-3):
    image = keras.Input((6, 6, 3))
    x = layers.Conv2D(4, 3, use_bias=bias, name="conv")(image)
    x = layers.BatchNormalization(scale=gamma, epsilon=epsilon, name="bn")(x)
    x = layers.Flatten()(layers.ReLU()(x))
    x = layers.Dense(5, use_bias=bias, name="fc")(x)
    return keras.Model(
        image, layers.BatchNormalization(scale=gamma, epsilon=epsilon, name="fc_bn")(x)
    )


def drawn(model):
    """Values by path, with gammas of both signs and small variances."""
    random = np.random.RandomState(0)
    values = {w.path: random.standard_normal(w.shape) for w in model.weights}
    return {
        path: np.abs(value) * 0.1 + 0.01 if path.endswith("variance") else value
        for path, value in values.items()
    }


def assign(model, values):
    for weight in model.weights:
        weight.assign(values[weight.path])


IMAGES = np.random.RandomState(1).standard_normal((3, 6, 6, 3)).astype("float32")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"bias": False, "gamma": True}, {"bias": False, "gamma": False}),
        ({"bias": True, "gamma": True}, {"bias": False, "gamma": True}),
        ({"bias": True, "gamma": True}, {"bias": False, "gamma": False}),
        ({"bias": True, "gamma": True}, {"bias": True, "gamma": False}),
        (
            {"bias": True, "gamma": True, "epsilon": 0.05},
            {"bias": False, "gamma": False, "epsilon": 0.2},
        ),
        (
            {"bias": False, "gamma": True, "epsilon": 0.2},
            {"bias": False, "gamma": True, "epsilon": 0.001},
        ),
    ],
)
def test_outputs_are_the_same(theirs, ours):
    source, target = net(**theirs), net(**ours)
    values = drawn(source)
    assign(source, values)
    lacking = {w.path for w in source.weights} - {w.path for w in target.weights}
    assert lacking <= foldable(target).keys()
    folded = fold(target, values, theirs.get("epsilon"))
    assert folded.keys() == {w.path for w in target.weights}
    assign(target, folded)
    np.testing.assert_allclose(target(IMAGES), source(IMAGES), rtol=1e-3, atol=1e-4)


def test_without_folding_the_outputs_would_differ():
    source, target = net(bias=True, gamma=True), net(bias=False, gamma=False)
    values = drawn(source)
    assign(source, values)
    assign(target, values)
    assert np.max(np.abs(np.asarray(target(IMAGES)) - source(IMAGES))) > 1


def test_the_values_given_are_not_changed():
    values = drawn(net(bias=True, gamma=True))
    before = {path: value.copy() for path, value in values.items()}
    fold(net(bias=False, gamma=False), values, 0.1)
    assert values.keys() == before.keys()
    for path, value in before.items():
        np.testing.assert_array_equal(values[path], value)


def test_what_a_graph_lacks():
    assert foldable(net(bias=False, gamma=False)) == {
        "conv/bias": (4,),
        "bn/gamma": (4,),
        "fc/bias": (5,),
        "fc_bn/gamma": (5,),
    }
    assert foldable(net(bias=True, gamma=True)) == {}


def test_an_epsilon_survives_in_single_precision():
    """1.001e-5 and 1e-5 differ by 1e-8, which shows where a variance is as small."""
    model = net(bias=False, gamma=True, epsilon=1e-5)
    values = {path: np.float32(value) for path, value in drawn(model).items()}
    values["bn/moving_variance"] = np.full(4, 1e-8, "float32")
    folded = fold(model, values, 1.001e-5)
    np.testing.assert_allclose(folded["bn/moving_variance"], 2e-8, rtol=1e-5)
