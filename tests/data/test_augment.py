"""Augmentations of one image: each draw is one that the paper allows, and repeats by its seed."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.data import augment, crops, rand_augment

SIZE = (32, 32)


def seeds(count):
    return [tf.constant([7, number], tf.int64) for number in range(count)]


def photo(height=32, width=32, channels=3):
    """An image without symmetry whose pixels are all different from their neighbours."""
    values = np.random.RandomState(0).randint(1, 256, (height, width, channels))
    return tf.constant(values, tf.uint8)


@pytest.mark.parametrize("name", augment.NAMES)
def test_one_seed_one_image_in_any_order_and_in_graphs(name):
    prepare = augment.compose([name], image_size=SIZE, channels=3)
    image = photo(40, 48)
    numbers = tf.data.Dataset.range(8)

    def run(number):
        return prepare(image, tf.stack([tf.constant(7, tf.int64), number]))

    forward = list(numbers.map(run, num_parallel_calls=4))
    backward = [run(tf.constant(number, tf.int64)) for number in reversed(range(8))]
    for one, other in zip(forward, reversed(backward), strict=True):
        assert one.dtype == tf.uint8 and one.shape == (32, 32, 3)
        np.testing.assert_array_equal(one, other)
    assert len({one.numpy().tobytes() for one in forward}) > 1


def test_pad_crop_is_a_window_of_the_padded_image():
    image = photo().numpy()
    padded = np.pad(image, [(4, 4), (4, 4), (0, 0)])
    windows = {
        padded[top : top + 32, left : left + 32].tobytes(): (top, left)
        for top in range(9)
        for left in range(9)
    }
    cut = [crops.pad_crop(tf.constant(image), seed, SIZE) for seed in seeds(200)]
    places = {windows[crop.numpy().tobytes()] for crop in cut}
    assert {top for top, _ in places} == {left for _, left in places} == set(range(9))


def test_flip_mirrors_every_second_image():
    image = photo()
    flipped = [
        bool((augment.flip(image, seed, SIZE) != image).numpy().any()) for seed in seeds(200)
    ]
    assert 70 < sum(flipped) < 130
    mirrored = augment.flip(image, seeds(200)[flipped.index(True)], SIZE)
    np.testing.assert_array_equal(mirrored, image[:, ::-1])


def test_random_resized_crop_takes_8_to_100_percent_of_the_area():
    # pixels tell their own place: channel 0 the column, channel 1 the row
    rows, columns = np.meshgrid(np.arange(200), np.arange(200), indexing="ij")
    image = tf.constant(np.stack([columns, rows, 0 * rows], axis=-1), tf.uint8)
    extents = []
    for seed in seeds(100):
        crop = (
            augment.compose(["random_resized_crop"], image_size=SIZE, channels=3)(image, seed)
            .numpy()
            .astype(float)
        )
        width, height = (np.ptp(crop[..., axis]) * 32 / 31 for axis in (0, 1))
        extents.append((width * height / 200**2, width / height))
    areas, ratios = np.array(extents).T
    assert 0.05 < areas.min() < 0.2 and 0.8 < areas.max() < 1.05
    assert 0.7 < ratios.min() < 0.85 and 1.2 < ratios.max() < 1.42


def test_cutout_paints_at_most_a_square_of_half_the_side():
    image = tf.zeros((32, 32, 3), tf.uint8)
    areas = []
    for seed in seeds(100):
        painted = augment.cutout(image, seed, SIZE).numpy()
        assert set(np.unique(painted)) == {0, 128}
        rows, columns = np.nonzero(painted[..., 0])
        area = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert area == len(rows)  # a rectangle
        areas.append(area)
    assert max(areas) == 16 * 16 and min(areas) < 12 * 12  # it may stick out


@pytest.mark.parametrize("name", ["cutout", "rand_augment"])
def test_mixed_precision_does_not_reach_the_pixels(name):
    prepare = augment.compose([name], image_size=SIZE, channels=3)
    expected = [prepare(photo(), seed) for seed in seeds(5)]
    augment._cutout_layer.cache_clear()
    rand_augment.load_operations.cache_clear()
    keras.config.set_dtype_policy("mixed_float16")
    prepare = augment.compose([name], image_size=SIZE, channels=3)
    for seed, image in zip(seeds(5), expected, strict=True):
        np.testing.assert_array_equal(prepare(photo(), seed), image)


def test_names_are_applied_in_order():
    image = tf.fill((32, 32, 1), tf.constant(200, tf.uint8))

    def cuts_into_the_margin(*names):
        prepare = augment.compose(names, image_size=SIZE, channels=1)
        images = np.stack([prepare(image, seed) for seed in seeds(40)])
        assert images.shape == (40, 32, 32, 1)
        assert np.unique(images).tolist() == [0, 128, 200]  # margin, cutout, image
        lines = [*images.reshape(-1, 32), *images.swapaxes(1, 2).reshape(-1, 32)]
        return any(set(line) == {0, 128} for line in lines)

    assert cuts_into_the_margin("pad_crop", "cutout")
    assert not cuts_into_the_margin("cutout", "pad_crop")


def test_match_channels_refuses_what_is_no_image():
    with pytest.raises(ValueError, match=r"one of 1, 2, 3, 4. Received: image.shape\[-1\]=5"):
        augment.match_channels(tf.zeros((4, 4, 5), tf.uint8), 3)
