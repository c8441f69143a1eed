"""AugMix: its operations do what they are called, and are mixed as the paper says."""

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.data import aug_mix

SIZE = (32, 32)


def photo():
    return tf.constant(np.random.RandomState(0).randint(30, 220, (32, 32, 3)), tf.uint8)


@pytest.mark.parametrize("index", range(9))
def test_operations_change_the_image_and_keep_its_range(index):
    operation = aug_mix.load_operations()[index]
    image = tf.cast(photo(), tf.float32)[None]
    result = tf.function(operation)(image, tf.constant([[0.3]]), tf.constant([[-1.0]]))
    assert result.shape == image.shape
    assert 0 <= tf.reduce_min(result) and tf.reduce_max(result) <= 255
    assert tf.reduce_mean(tf.abs(result - image)) > 0.5


def test_operations_do_what_their_names_say():
    operations = aug_mix.load_operations()
    image, plus = tf.cast(photo(), tf.float32)[None], tf.ones((1, 1))
    weak, strong = tf.constant([[0.1]]), tf.constant([[0.3]])
    np.testing.assert_array_equal(operations[2](image, weak, plus), image // 16 * 16)
    np.testing.assert_array_equal(operations[2](image, strong, plus), image // 32 * 32)
    inverted = tf.where(image < 255 * 0.7, image, 255 - image)
    np.testing.assert_allclose(operations[4](image, strong, plus), inverted, atol=1e-3)
    moved = operations[7](image, tf.constant([[3 * 4 / 32]]), plus)
    np.testing.assert_allclose(moved[:, :, 4:], image[:, :, :28], atol=1e-3)
    smooth = tf.tile(tf.range(32.0)[None, :, None, None] * 4, (1, 1, 32, 3))
    turned = operations[3](smooth, tf.constant([[1.0]]), plus)[0, 8:24, 8:24, 0]
    down, right = (np.diff(turned, axis=axis).mean() for axis in (0, 1))
    np.testing.assert_allclose([down, abs(right)], [4 * 0.866, 4 * 0.5], atol=0.05)  # 30 degrees


def test_the_image_keeps_a_share_and_one_colour_stays_within_what_its_chains_make(monkeypatch):
    monkeypatch.setattr(aug_mix, "_chain", lambda batch, seed: 0 * batch)
    image = tf.fill((8, 8, 3), tf.constant(200, tf.uint8))
    values = [
        int(aug_mix.aug_mix(image, tf.constant([3, number]), SIZE)[0, 0, 0])
        for number in range(300)
    ]
    # what is left is m * 200, with m uniform
    assert min(values) < 10 and max(values) > 190 and abs(np.mean(values) - 100) < 12
    monkeypatch.setattr(aug_mix, "_chain", lambda batch, seed: batch)
    for number in range(5):  # the weights add up to one
        same = aug_mix.aug_mix(image, tf.constant([3, number]), SIZE)
        np.testing.assert_array_equal(same, image)
