"""The draw of a column for the whole net."""

import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import FractalPath

X = images(400, 1, 1, 1)


def rows(**options):
    return FractalPath(4, **{"seed": 0, **options})(X, training=True).numpy()


def test_inference_allows_every_column():
    np.testing.assert_array_equal(FractalPath(4)(X), np.ones((400, 4)))


def test_one_batch_holds_both_forms_in_equal_shares():
    paths = rows()
    allowed = paths.sum(axis=1)
    assert set(np.unique(allowed)) == {1.0, 4.0}
    assert abs(np.mean(allowed == 1) - 0.5) < 4 * 0.5 / 20  # four standard deviations


def test_columns_are_drawn_uniformly():
    paths = rows(global_rate=1.0)
    np.testing.assert_array_equal(paths.sum(axis=1), np.ones(400))
    assert np.all(np.abs(paths.mean(axis=0) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 400))


def test_no_global_drop_path():
    np.testing.assert_array_equal(rows(global_rate=0.0), np.ones((400, 4)))


def test_a_batch_has_one_draw_and_others_follow():
    layer = FractalPath(4, per="batch", seed=0)
    call = tf.function(lambda: layer(X[:3], training=True))
    drawn = np.stack([call().numpy() for _ in range(200)])
    assert np.all(drawn == drawn[:, :1])
    is_global = drawn[:, 0].sum(axis=1) == 1
    assert abs(is_global.mean() - 0.5) < 4 * 0.5 / np.sqrt(200)
    assert set(np.argmax(drawn[is_global, 0], axis=1)) == {0, 1, 2, 3}


def test_a_seed_repeats_and_another_one_does_not():
    np.testing.assert_array_equal(rows(seed=3), rows(seed=3))
    assert np.any(rows(seed=3) != rows(seed=4))


def test_the_state_of_the_generator_is_no_weight():
    layer = FractalPath(2)
    layer(X)
    assert layer.count_params() == 0 and layer.weights == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"columns": 0}, "`columns` must be at least 1. Received: columns=0"),
        ({"columns": 2, "global_rate": 2.0}, "`global_rate` must be at most 1. Received"),
        ({"columns": 2, "per": "net"}, "`per` must be one of 'sample', 'batch'. Received"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        FractalPath(**arguments)


def test_refuses_a_seed_that_is_no_integer():
    with pytest.raises(TypeError, match="`seed` must be an integer. Received: seed='a'"):
        FractalPath(2, seed="a")
