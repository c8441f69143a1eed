"""Changes of colour against the formulas of their source, step by step in NumPy."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.data import augment, colours

SIZE = (8, 8)
LUMA = np.array([0.299, 0.587, 0.114])


def photo():
    return np.random.RandomState(0).randint(60, 180, (8, 8, 3)).astype(np.uint8)


def test_pca_color_adds_one_colour_along_the_components():
    image = tf.fill((8, 8, 3), tf.constant(128, tf.uint8))
    shifts = []
    for number in range(400):
        changed = colours.pca_color(image, tf.constant([3, number]), SIZE).numpy().astype(int)
        assert (changed == changed[0, 0]).all()
        shifts.append(changed[0, 0] - 128)
    # the covariance that the published values and vectors say, with a deviation of 0.1
    vectors = np.array(colours._VECTORS)
    expected = 255**2 * (vectors * (0.1 * np.array(colours._VALUES)) ** 2) @ vectors.T
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), atol=1e-3)  # orthonormal
    rounding = np.eye(3) / 12
    np.testing.assert_allclose(np.cov(np.transpose(shifts)), expected + rounding, rtol=0.3)
    assert np.abs(np.mean(shifts, axis=0)).max() < 0.6


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_color_jitter_is_the_three_blends_in_any_order(order):
    factors = np.array([0.8, 1.3, 0.7], np.float32)
    pixels = photo().astype(np.float64)
    for kind in order:
        greys = (pixels @ LUMA)[..., None]
        other = (0.0, greys.mean(), greys)[kind]  # brightness, contrast, saturation
        pixels = factors[kind] * pixels + (1 - factors[kind]) * other
    changed = colours.jittered(tf.constant(photo()), tf.constant(factors))
    np.testing.assert_allclose(changed, np.clip(pixels, 0, 255), atol=0.51)


def test_color_jitter_draws_factors_of_0_6_to_1_4():
    image = tf.fill((8, 8, 3), tf.constant(100, tf.uint8))  # grey: brightness alone shows
    values = [
        int(colours.color_jitter(image, tf.constant([3, number]), SIZE)[0, 0, 0])
        for number in range(200)
    ]
    assert 60 <= min(values) < 66 and 134 < max(values) <= 140


@pytest.mark.parametrize("name", ["pca_color", "color_jitter"])
def test_colours_need_three_channels(name):
    with pytest.raises(ValueError, match="must take 3 channels. Received: channels=1$"):
        augment.compose([name], image_size=SIZE, channels=1)
