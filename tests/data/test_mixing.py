"""Mixed batches: the formulas, labels that follow their pixels, and draws that repeat."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.data import train_batches
from keras_classic_cnns.data.mixing import beta, mixer

COUNT, SIDE = 4, 16


@pytest.fixture(scope="module")
def batch():
    """Images of one value each, 10, 20, 30, 40, and labels 0 to 3."""
    values = 10.0 * (1 + np.arange(COUNT, dtype="float32"))
    images = np.broadcast_to(values[:, None, None, None], (COUNT, SIDE, SIDE, 3))
    return tf.constant(images), tf.range(COUNT)


def mixed(batch, numbers, seed=0, **alphas):
    """The batch under several numbers, as NumPy arrays."""
    function = tf.function(mixer(Mixing(**alphas), COUNT, seed))
    return [[part.numpy() for part in function(tf.constant(n, tf.int64), batch)] for n in numbers]


def test_mixup_blends_each_image_with_the_one_before(batch):
    values = batch[0].numpy()[:, 0, 0, 0]
    for images, labels in mixed(batch, range(5), mixup_alpha=1.0):
        share = labels[0, 0]
        expected = share * np.eye(COUNT) + (1 - share) * np.roll(np.eye(COUNT), -1, axis=1)
        np.testing.assert_allclose(labels, expected, atol=1e-6)
        blended = share * values + (1 - share) * np.roll(values, 1)
        np.testing.assert_allclose(images - blended[:, None, None, None], 0, atol=1e-4)


def test_cutmix_pastes_a_rectangle_and_counts_its_pixels(batch):
    values = batch[0].numpy()[:, 0, 0, 0]
    areas = set()
    for images, labels in mixed(batch, range(20), cutmix_alpha=1.0):
        pasted = images[:, :, :, 0] == np.roll(values, 1)[:, None, None]
        assert np.array_equal(pasted, np.broadcast_to(pasted[0], pasted.shape))
        kept = images[:, :, :, 0] == values[:, None, None]
        assert (pasted ^ kept).all()
        rows, columns = np.nonzero(pasted[0])
        if rows.size:  # a rectangle without holes
            assert rows.size == (1 + np.ptp(rows)) * (1 + np.ptp(columns))
        np.testing.assert_allclose(np.diag(labels), kept[0].mean(), atol=1e-6)
        np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
        areas.add(rows.size)
    assert len(areas) > 10


def test_with_both_each_batch_takes_one_at_random(batch):
    values = set(batch[0].numpy().ravel())
    pasted = [
        set(images.ravel()) <= values
        for images, _ in mixed(batch, range(40), mixup_alpha=1.0, cutmix_alpha=1.0)
    ]
    assert 8 < sum(pasted) < 32


def test_draws_follow_seed_and_number_alone(batch):
    keras.utils.set_random_seed(0)
    first = mixed(batch, [0, 1, 2, 3], mixup_alpha=0.4, cutmix_alpha=1.0)
    keras.utils.set_random_seed(1)
    again = mixed(batch, [3, 2, 1, 0], mixup_alpha=0.4, cutmix_alpha=1.0)[::-1]
    for ours, theirs in zip(first, again, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    labels = [one[1].tobytes() for one in first + mixed(batch, range(4), 5, cutmix_alpha=1.0)]
    assert len(set(labels)) == 8


@pytest.mark.parametrize("alphas", [{"mixup_alpha": 1.0}, {"cutmix_alpha": 1.0}], ids=str)
def test_pixels_become_float32_and_other_floats_stay(batch, alphas):
    (exact, _), *_ = mixed(batch, [0], **alphas)
    (images, _), *_ = mixed((tf.cast(batch[0], tf.uint8), batch[1]), [0], **alphas)
    assert images.dtype == np.float32
    np.testing.assert_array_equal(images, exact)
    (images, _), *_ = mixed((tf.cast(batch[0], tf.float16), batch[1]), [0], **alphas)
    assert images.dtype == np.float16
    np.testing.assert_allclose(images, exact, rtol=1e-3)


def test_shares_are_drawn_from_the_beta_distribution():
    """Mean 1/2 and variance 1 / (4 * (2 * alpha + 1)); none is lost at an alpha near 0."""
    for alpha in (0.2, 1.0, 0.001):
        numbers = tf.data.Dataset.range(4000)
        drawn = numbers.map(lambda number, a=alpha: beta(a, tf.stack([number, 0])))
        draws = drawn.batch(4000).get_single_element().numpy()
        assert np.isfinite(draws).all() and draws.min() >= 0 and draws.max() <= 1
        assert draws.mean() == pytest.approx(0.5, abs=0.03)
        assert draws.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.06)


def test_batches_of_a_pipeline_are_mixed_by_their_number_in_the_run(numbered):
    """So that a run which goes on has those of one left alone."""
    arguments = {"image_size": (4, 4), "channels": 1, "preprocessing": "raw", "batch_size": 4}
    arguments |= {"seed": 0, "mixing": Mixing(0.4, 1.0)}
    whole = list(train_batches(numbered(11), **arguments, epochs=3).as_numpy_iterator())
    assert len(whole) == 6 and whole[0][1].shape == (4, 11)
    rest = train_batches(numbered(11), **arguments, epochs=3, skip_steps=3).as_numpy_iterator()
    for ours, theirs in zip(rest, whole[3:], strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    for images, labels in whole:  # the mean over an image is that of its labels, its number
        np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), labels @ np.arange(11), rtol=1e-5)


def test_what_cannot_be_mixed_is_refused(batch):
    mix = mixer(Mixing(mixup_alpha=1.0), COUNT, 0)
    with pytest.raises(ValueError, match=r"two images.*Received: images.shape=\(1, 16, 16, 3\)$"):
        mix(0, (batch[0][:1], batch[1][:1]))
    with pytest.raises(ValueError, match=r"labels.dtype='float32', labels.shape=\(4, 4\)$"):
        mix(0, (batch[0], tf.eye(4)))
    with pytest.raises(TypeError, match="must be a Mixing. Received: mixing=0.2$"):
        mixer(0.2, COUNT, 0)
