"""Branches that are dropped at random."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import StochasticDepth, SurvivalGate

X = images(8, 3, 3, 2)


def test_training_drops_or_keeps_and_divides_nothing():
    """Others divide what is kept by the survival probability (inverted scaling)."""
    layer = StochasticDepth(0.5, seed=0)
    seen = set()
    for _ in range(20):
        y = layer(X, training=True).numpy()
        assert np.all(y == 0) or np.all(y == X)
        seen.add(bool(np.any(y)))
    assert seen == {True, False}


def test_inference_weakens_to_the_expected_value():
    layer = StochasticDepth(0.25)
    np.testing.assert_array_equal(layer(X), 0.25 * X)
    np.testing.assert_array_equal(layer(X, training=False), 0.25 * X)


def test_samples_are_dropped_one_by_one():
    y = StochasticDepth(0.5, per="sample", seed=1)(X, training=True).numpy()
    kept = np.any(y != 0, axis=(1, 2, 3))
    assert 0 < kept.sum() < len(X)
    np.testing.assert_array_equal(y, X * kept[:, None, None, None])


def test_a_gate_that_is_given_decides():
    gate = np.array([[1.0], [0.0]] * 4)
    layer = StochasticDepth(0.5)
    np.testing.assert_array_equal(
        layer(X, gate=gate, training=True), X * gate[:, :, None, None].astype("float32")
    )
    assert not hasattr(layer, "seed_generator")  # it draws nothing


def test_the_gradient_of_a_dropped_branch_is_zero():
    layer, x = StochasticDepth(0.5), tf.constant(X)
    for gate in (0.0, 1.0):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, gate=np.full((8, 1), gate), training=True)
        np.testing.assert_array_equal(tape.gradient(y, x), np.full(X.shape, gate))


def test_any_rank_and_half_precision():
    assert StochasticDepth(0.5)(X[:, 0, 0]).shape == (8, 2)
    y = StochasticDepth(0.5, dtype="mixed_float16")(X, training=True)
    assert y.dtype == tf.float16


def test_a_net_reloads_with_the_gate_it_shares(tmp_path):
    image = keras.Input((3, 3, 2))
    gate = SurvivalGate(0.5, seed=4)(image)
    model = keras.Model(image, StochasticDepth(0.5)(image, gate=gate))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for _ in range(8):
        np.testing.assert_array_equal(again(X, training=True), model(X, training=True))


def test_refuses_what_is_no_probability():
    with pytest.raises(TypeError, match="`survival` must be a number. Received: survival='half'"):
        StochasticDepth("half")
