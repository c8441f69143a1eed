"""GridMask: squares of one size in a turned grid."""

import numpy as np
import tensorflow as tf

from keras_classic_cnns.data import grid_mask

SIZE = (64, 96)


def test_squares_are_black_and_cover_at_most_a_quarter():
    image = tf.fill((*SIZE, 3), tf.constant(200, tf.uint8))
    shares = []
    for number in range(40):
        painted = grid_mask.grid_mask(image, tf.constant([3, number]), SIZE).numpy()
        assert set(np.unique(painted)) <= {0, 200}
        assert (painted[..., 0] == painted[..., 2]).all()
        shares.append((painted[..., 0] == 0).mean())
    # a ratio of side to distance uniform in 0..0.5 has a square of 1/12 in the mean
    assert max(shares) < 0.3 and 0.05 < np.mean(shares) < 0.12


def test_the_grid_repeats_itself(monkeypatch):
    monkeypatch.setattr(grid_mask, "MAX_TURN", 0.0)
    draws = tf.constant([0.8, 0.5, 0.0, 0.0, 0.5])  # ratio, distance, two offsets, turn
    monkeypatch.setattr(tf.random, "stateless_uniform", lambda shape, seed: draws)
    mask = grid_mask._mask(tf.constant([0, 0]), (80, 100)).numpy()
    # the distance is half-way between 0.3 * 100 and 0.5 * 80 + 1, a square's side 0.4 of it
    distance = 35.5
    starts = np.flatnonzero(np.diff(mask.any(axis=0).astype(int)) == 1)
    assert set(np.diff(starts)) <= {35, 36}
    widths = mask.any(axis=0).sum() / (100 / distance)
    assert abs(widths - 0.4 * distance) < 3
