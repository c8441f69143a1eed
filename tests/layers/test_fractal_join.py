"""The mean of those columns that drop-path leaves."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import FractalJoin

BATCH = 4000
# the sum of what survives tells which inputs those are: 1, 2 and 4
INPUTS = [np.full((BATCH, 1), float(2**i), "float32") for i in range(3)]


def kept(layer, **options):
    """Which of three inputs survive in each sample, `(batch, 3)`."""
    y = layer(INPUTS, training=True, **options).numpy()[:, 0]
    masks = np.array([[i >> b & 1 for b in range(3)] for i in range(1, 8)], bool)
    means = masks @ [1, 2, 4] / masks.sum(axis=1)
    assert np.all(np.min(np.abs(y[:, None] - means), axis=1) < 1e-6)  # a mean over survivors
    return masks[np.argmin(np.abs(y[:, None] - means), axis=1)]


def test_inference_is_the_mean_of_all_inputs_without_a_factor():
    inputs = [images(2, 3, 3, 2, seed=seed) for seed in range(3)]
    np.testing.assert_allclose(FractalJoin(0.5)(inputs), np.mean(inputs, axis=0), atol=1e-6)


@pytest.mark.parametrize("rate", [0.15, 0.5])
def test_inputs_are_dropped_independently(rate):
    masks = kept(FractalJoin(rate, seed=0))
    # an input survives its own draw, or all are dropped and it is the one that is kept
    expected = (1 - rate) + rate**3 / 3
    deviation = np.sqrt(expected * (1 - expected) / BATCH)
    assert np.all(np.abs(masks.mean(axis=0) - expected) < 4 * deviation)
    everything = (1 - rate) ** 3
    deviation = np.sqrt(everything * (1 - everything) / BATCH)
    assert abs(np.mean(masks.all(axis=1)) - everything) < 4 * deviation


def test_at_least_one_input_survives_and_any_of_them():
    masks = kept(FractalJoin(1.0, seed=0))
    np.testing.assert_array_equal(masks.sum(axis=1), np.ones(BATCH))
    assert np.all(np.abs(masks.mean(axis=0) - 1 / 3) < 4 * np.sqrt(2 / 9 / BATCH))


def test_nothing_is_dropped_at_rate_zero():
    assert np.all(kept(FractalJoin(0.0)))


def test_a_batch_has_one_draw():
    layer = FractalJoin(0.5, per="batch", seed=0)
    drawn = [kept(layer) for _ in range(30)]
    assert all(np.all(masks == masks[0]) for masks in drawn)
    assert len({tuple(masks[0]) for masks in drawn}) > 3


def test_a_sample_bound_to_a_column_takes_that_input_alone():
    path = np.repeat([[0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1], [1, 0, 0, 0]], BATCH // 4, axis=0)
    masks = kept(FractalJoin(0.5, seed=0), path=path.astype("float32"))
    third, fourth, local, foreign = np.split(masks, 4)
    # three inputs of four columns are the deepest three: columns 2, 3 and 4
    assert np.all(third == [False, True, False])
    assert np.all(fourth == [False, False, True])
    assert len(np.unique(local, axis=0)) == 7  # local drop-path in the same batch
    assert np.all(foreign)  # the column does not pass this join


def test_dropped_inputs_have_no_gradient():
    inputs = [tf.constant(images(2, 2, 2, 1, seed=seed)) for seed in range(2)]
    path = np.array([[1.0, 0.0], [0.0, 1.0]], "float32")
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = FractalJoin()(inputs, path=path, training=True)
    first, second = (g.numpy()[:, 0, 0, 0].tolist() for g in tape.gradient(y, inputs))
    assert (first, second) == ([1.0, 0.0], [0.0, 1.0])


def test_a_seed_repeats_and_another_one_does_not():
    first, again, other = (kept(FractalJoin(0.5, seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_the_state_of_the_generator_is_no_weight():
    layer = FractalJoin()
    layer(INPUTS)
    assert layer.count_params() == 0 and layer.weights == []


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_refuses_what_is_no_probability(rate):
    with pytest.raises(ValueError, match="`rate` must be at .* Received: rate="):
        FractalJoin(rate)


def test_refuses_inputs_that_do_not_fit():
    with pytest.raises(ValueError, match="at least two tensors of the same shape. Received: sh"):
        FractalJoin()([keras.Input((4, 4, 2))])
    with pytest.raises(ValueError, match="at least two tensors of the same shape. Received: sh"):
        FractalJoin()([keras.Input((4, 4, 2)), keras.Input((4, 4, 3))])
    with pytest.raises(ValueError, match="a column for each of the 2 inputs. Received: path="):
        FractalJoin()([keras.Input((4, 4, 2))] * 2, path=keras.Input((1,)))
    with pytest.raises(ValueError, match=r"of the same shape. Received: shapes=\[\(None, 4"):
        FractalJoin()(keras.Input((4, 4, 2)))


def test_refuses_a_seed_that_is_no_integer():
    with pytest.raises(TypeError, match="`seed` must be an integer. Received: seed='a'"):
        FractalJoin(seed="a")
