"""RandAugment: the operations do what they are called, and are drawn as the paper says."""

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.data import rand_augment

SIZE = (32, 32)


def seeds(count):
    return [tf.constant([7, number], tf.int64) for number in range(count)]


def photo():
    """An image without symmetry whose pixels are all different from their neighbours."""
    return tf.constant(np.random.RandomState(0).randint(1, 256, (32, 32, 3)), tf.uint8)


def test_operations_strengths_and_directions_are_drawn_as_the_paper_says(monkeypatch):
    drawn = []

    def recorder(index):
        def operation(images, strength, sign):
            drawn.append((index, strength.numpy().item(), sign.numpy().item()))
            return images

        return operation

    monkeypatch.setattr(rand_augment, "load_operations", lambda: tuple(map(recorder, range(10))))
    for seed in seeds(300):
        rand_augment.rand_augment(photo(), seed, SIZE)
    indices, strengths, signs = map(np.array, zip(*drawn, strict=True))
    assert len(drawn) / 600 == pytest.approx(rand_augment.RATE, abs=0.05)
    assert np.bincount(indices, minlength=10).min() > 300 / 10
    assert strengths.mean() == pytest.approx(rand_augment.MAGNITUDE, abs=0.03)
    assert strengths.std() == pytest.approx(rand_augment.DEVIATION, abs=0.03)
    assert 0 <= strengths.min() and strengths.max() <= 1
    assert set(signs) == {-1, 1} and abs(signs.mean()) < 0.15


@pytest.mark.parametrize("index", range(10))
def test_operations_of_rand_augment_change_the_image_and_keep_its_range(index):
    operation = rand_augment.load_operations()[index]
    image = tf.cast(photo() // 2 + 30, tf.float32)[None]
    strength, sign = tf.constant([[0.4]]), tf.constant([[-1.0]])
    for run in (operation, tf.function(operation)):
        result = run(image, strength, sign)
        assert result.shape == image.shape
        assert 0 <= tf.reduce_min(result) and tf.reduce_max(result) <= 255
        assert tf.reduce_mean(tf.abs(result - image)) > 1


def test_operations_of_rand_augment_do_what_their_names_say():
    operations = rand_augment.load_operations()
    image = tf.cast(photo() // 4 + 60, tf.float32)[None]
    one, plus = tf.ones((1, 1)), tf.ones((1, 1))
    stretched = operations[0](image, one, plus)
    np.testing.assert_allclose([np.min(stretched), np.max(stretched)], [0, 255], atol=1e-3)
    grey = operations[3](image, one, plus)
    np.testing.assert_allclose(grey[..., 0], grey[..., 2], atol=0.1)
    brighter = operations[5](image, 0.1 * one, plus)
    np.testing.assert_allclose(brighter - image, np.full(image.shape, 25.5), atol=1e-3)
    moved = operations[8](image, 0.25 * one, plus)
    np.testing.assert_allclose(moved[:, :, 8:], image[:, :, :24], atol=1e-3)
    moved = operations[9](image, 0.25 * one, plus)
    np.testing.assert_allclose(moved[:, 8:], image[:, :24], atol=1e-3)
