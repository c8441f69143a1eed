"""Windows: each draw is one the paper allows, and a file decoded in part shows the same."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_classic_cnns.data import augment, crops

SIZE = (32, 32)


def seeds(count):
    return [tf.constant([7, number], tf.int64) for number in range(count)]


def windows(name, sides=(375, 500), size=(224, 224), count=200):
    sides = tf.constant(sides)
    draw = tf.function(lambda seed: crops.WINDOWS[name](sides, seed, size))
    return np.stack([draw(seed).numpy() for seed in seeds(count)])


def picture(height=90, width=120):
    """A smooth photo, so that formats with loss keep it."""
    y, x = np.mgrid[:height, :width] / 20
    waves = [np.sin(x + k) * np.cos(y * (k + 1) / 2) for k in range(3)]
    return np.uint8(127 + 120 * np.stack(waves, axis=-1))


def stored(tmp_path, mode, suffix):
    path = tmp_path / f"image{suffix}"
    Image.fromarray(picture()).convert(mode).save(path, quality=90)
    return tf.constant(path.read_bytes())


@pytest.mark.parametrize(
    "name, shortest, longest",
    [("crop_of_256", 256, 256), ("scale_jitter", 256, 480), ("scale_jitter_512", 256, 512)],
)
def test_a_window_is_a_crop_of_the_size_in_an_image_of_that_short_side(name, shortest, longest):
    top, left, height, width = windows(name).T
    short_sides = 375 * 224 / height
    assert (height == width).all()
    assert abs(short_sides.min() - shortest) < 3 and abs(short_sides.max() - longest) < 6
    assert top.min() >= 0 and left.min() >= 0
    assert (top + height).max() == 375 and (left + width).max() == 500  # up to either edge
    assert top.min() == 0 and left.min() <= 3
    if shortest < longest:  # uniform: the middle is in the middle
        assert abs(np.mean(short_sides) - (shortest + longest) / 2) < 15


def test_windows_of_any_image_lie_inside_of_it_and_have_the_shape_of_the_result():
    for name in crops.WINDOWS:
        for sides in ((1, 1), (1, 300), (40, 37), (300, 7)):
            top, left, height, width = windows(name, sides, (48, 32), count=20).T
            assert min(top.min(), left.min()) >= 0 and min(height.min(), width.min()) >= 1, name
            assert (top + height).max() <= sides[0] and (left + width).max() <= sides[1], name
    _, _, height, width = windows("scale_jitter", (375, 500), (48, 32), count=20).T
    np.testing.assert_allclose(height / width, 48 / 32, rtol=0.01)


@pytest.mark.parametrize(
    "name, mode, suffix",
    [
        *[(name, "RGB", ".jpg") for name in (*crops.WINDOWS, None)],
        ("crop_of_256", "L", ".jpg"),
        ("crop_of_256", "RGB", ".png"),
    ],
)
def test_a_file_decoded_in_part_is_the_file_decoded_whole(tmp_path, name, mode, suffix):
    content = stored(tmp_path, mode, suffix)
    whole = tf.io.decode_image(content, channels=3, expand_animations=False)
    names = [name] if name else []
    size = {"image_size": SIZE, "channels": 3}
    fused = augment.compose(names, **size, decode=lambda x: tf.io.decode_png(x, channels=3))
    plain = augment.compose(names, **size)
    for seed in seeds(5):
        one, other = fused(content, seed).numpy(), plain(whole, seed).numpy()
        # a decoder that starts inside of the image interpolates colours differently at its edge
        assert np.abs(one.astype(int) - other).max() <= (4 if suffix == ".jpg" else 0)
        assert (one == other).mean() > 0.95


def test_pixels_beside_the_window_are_not_decoded(tmp_path):
    content = stored(tmp_path, "RGB", ".jpg").numpy()
    cut_off = tf.constant(content[: 2 * len(content) // 3])
    window = tf.constant([0, 10, 20, 30])
    part, _, _ = crops.cut_file(cut_off, lambda sides: window, decode=tf.io.decode_jpeg, channels=3)
    np.testing.assert_allclose(part, picture()[:20, 10:40], atol=12)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.io.decode_jpeg(cut_off)


@pytest.mark.parametrize("channels", [1, 3])
def test_cmyk_is_decoded_whole(tmp_path, channels):
    content = stored(tmp_path, "CMYK", ".jpg")
    shape = tf.io.extract_jpeg_shape(content)
    assert shape.numpy().tolist() == [90, 120, 4]

    def decode(content):
        return augment.match_channels(tf.io.decode_jpeg(content, channels=3), channels)

    window = tf.constant([3, 5, 60, 40])
    part, _, _ = crops.cut_file(content, lambda sides: window, decode=decode, channels=channels)
    np.testing.assert_array_equal(part, decode(content)[3:63, 5:45])


def test_where_all_are_jpegs_none_is_asked(tmp_path):
    form = {"image_size": SIZE, "channels": 3, "decoded_channels": 3}
    asked = augment.compose(["random_resized_crop"], **form, decode=tf.io.decode_png)
    sure = augment.compose(["random_resized_crop"], **form)
    for seed in seeds(3):
        content = stored(tmp_path, "RGB", ".jpg")
        np.testing.assert_array_equal(sure(content, seed), asked(content, seed))
        for mode, suffix in (("RGB", ".png"), ("CMYK", ".jpg")):
            with pytest.raises(tf.errors.InvalidArgumentError):
                sure(stored(tmp_path, mode, suffix), seed)


def test_reflect_pad_crop_is_a_window_of_the_mirrored_image():
    image = np.random.RandomState(0).randint(0, 256, (32, 32, 3)).astype(np.uint8)
    padded = np.pad(image, [(4, 4), (4, 4), (0, 0)], "reflect")
    places = {
        padded[top : top + 32, left : left + 32].tobytes(): (top, left)
        for top in range(9)
        for left in range(9)
    }
    seen = {
        places[crops.reflect_pad_crop(tf.constant(image), seed, SIZE).numpy().tobytes()]
        for seed in seeds(60)
    }
    assert {top for top, _ in seen} == {left for _, left in seen} == set(range(9))


def test_only_one_window_can_be_cut():
    with pytest.raises(ValueError, match="may name one of 'crop_of_256'.*Received: augment="):
        augment.compose(["crop_of_256", "scale_jitter"], image_size=SIZE, channels=3)
