"""The draw that says which samples pass."""

import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import SurvivalGate

X = images(16, 2, 2, 1)


def draws(layer, number):
    """Gates of training calls, `(number, batch)`."""
    call = tf.function(lambda: layer(X, training=True))
    return np.stack([call().numpy()[:, 0] for _ in range(number)])


def test_inference_gives_the_expected_value_to_every_sample():
    np.testing.assert_array_equal(SurvivalGate(0.25)(X), np.full((16, 1), 0.25))


@pytest.mark.parametrize("survival", [0.5, 0.9])
def test_a_batch_passes_as_a_whole_at_the_right_rate(survival):
    gates = draws(SurvivalGate(survival, seed=0), 400)
    assert set(np.unique(gates)) == {0.0, 1.0}
    assert np.all(gates == gates[:, :1])
    # four standard deviations of 400 draws
    assert abs(gates[:, 0].mean() - survival) < 4 * np.sqrt(survival * (1 - survival) / 400)


def test_samples_pass_one_by_one():
    gates = draws(SurvivalGate(0.5, per="sample", seed=0), 100)
    assert np.mean(np.ptp(gates, axis=1)) > 0.95  # nearly every batch holds both
    assert abs(gates.mean() - 0.5) < 4 * 0.5 / np.sqrt(1600)


@pytest.mark.parametrize("survival", [0.0, 1.0])
@pytest.mark.parametrize("per", ["batch", "sample"])
def test_the_ends_are_certain(survival, per):
    assert np.all(draws(SurvivalGate(survival, per), 20) == survival)


def test_a_seed_repeats_and_another_one_does_not():
    first, again, other = (draws(SurvivalGate(0.5, seed=seed), 40) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_the_state_of_the_generator_is_no_weight():
    layer = SurvivalGate()
    layer(X)
    assert layer.count_params() == 0 and layer.weights == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"survival": 1.5}, "`survival` must be at most 1. Received: survival=1.5"),
        ({"survival": -0.5}, "`survival` must be at least 0. Received: survival=-0.5"),
        ({"per": "image"}, "`per` must be one of 'batch', 'sample'. Received: per='image'"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        SurvivalGate(**arguments)


def test_refuses_a_seed_that_is_no_integer():
    with pytest.raises(TypeError, match="`seed` must be an integer. Received: seed='a'"):
        SurvivalGate(seed="a")
