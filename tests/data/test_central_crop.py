"""The centre of an image, as Pillow resizes it."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_classic_cnns.data.central_crop import central_crop


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
