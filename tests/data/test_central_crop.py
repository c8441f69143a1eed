"""The centre of an image, as Pillow resizes it."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_classic_cnns.data.central_crop import central_crop, central_fraction


@pytest.mark.parametrize("method", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(97, 64), (31, 45), (48, 48), (300, 201)])
def test_it_is_that_of_pillow(method, size):
    """Within two of 255 levels, since Pillow rounds between its two passes; mostly the same."""
    blocks = np.random.default_rng(0).integers(0, 256, (9, 9, 3), np.uint8)
    picture = Image.fromarray(blocks).resize(size)
    made = central_crop(np.asarray(picture), size=40, resize=48, interpolation=method).numpy()
    sides = [int(side * 48 / min(size)) for side in size]
    resized = picture.resize(sides, getattr(Image.Resampling, method.upper()))
    left, top = (round((side - 40) / 2) for side in sides)
    right = np.asarray(resized.crop((left, top, left + 40, top + 40)), "float32")
    assert made.shape == (40, 40, 3) and made.dtype == np.float32 and (made == made.round()).all()
    assert np.abs(made - right).max() <= 2 and (made == right).mean() > 0.75


def test_it_is_the_centre():
    rows = np.broadcast_to(np.arange(50, dtype=np.uint8)[:, None, None], (50, 70, 1))
    made = central_crop(rows, size=10, resize=50, interpolation="bicubic")
    np.testing.assert_array_equal(made[:, 3, 1], np.arange(20, 30))


def test_it_works_on_images_of_unknown_size():
    images = tf.data.Dataset.from_generator(
        lambda: (np.full((60 - n, 50 + n, 3), n, np.uint8) for n in range(3)),
        output_signature=tf.TensorSpec((None, None, 3), tf.uint8),
    )
    made = images.map(lambda x: central_crop(x, size=32, resize=32, interpolation="bilinear"))
    assert made.element_spec.shape == (32, 32, 3)
    assert [float(image.numpy().mean()) for image in made] == [0, 1, 2]


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"size": 0}, "`size` must be at least 1. Received: size=0"),
        ({"resize": 31}, "`resize` must be at least 32. Received: resize=31"),
        ({"interpolation": "area"}, "`interpolation` must be one of 'bilinear', 'bicubic'."),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    arguments = {"size": 32, "resize": 36, "interpolation": "bilinear"} | changes
    with pytest.raises(ValueError, match=message):
        central_crop(np.zeros((50, 50, 3), np.uint8), **arguments)


@pytest.mark.parametrize("sides", [(375, 500), (500, 375), (60, 61), (33, 200), (20, 20)])
def test_a_fraction_is_the_crop_of_the_whole_image_though_less_of_it_is_decoded(sides):
    y, x = np.mgrid[: sides[0], : sides[1]] / 9
    photo = np.uint8(127 + 120 * np.stack([np.sin(x), np.cos(y), np.sin(x + y)], axis=-1))
    content = tf.io.encode_jpeg(photo, quality=95)
    whole = tf.io.decode_jpeg(content)
    right = central_crop(whole, size=56, resize=64, interpolation="bilinear").numpy()
    form = {"image_size": (56, 56), "channels": 3}
    for made in (
        central_fraction(whole, 0.875, **form),
        central_fraction(content, 0.875, **form, decode=tf.io.decode_jpeg, decoded_channels=3),
    ):
        assert made.dtype == tf.uint8
        # at the edge of its part a decoder interpolates colours differently
        assert np.abs(made.numpy() - right).max() <= 2 and (made.numpy() == right).mean() > 0.99


def test_a_fraction_of_another_shape_covers_it_and_greys_stay_grey():
    rows = np.broadcast_to(np.arange(60, dtype=np.uint8)[:, None, None], (60, 100, 1))
    made = central_fraction(tf.constant(rows), 0.8, image_size=(48, 32), channels=1)
    assert made.shape == (48, 32, 1)
    np.testing.assert_array_equal(made[:, 3, 0], np.arange(6, 54))  # 60 = 48 / 0.8
