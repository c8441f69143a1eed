"""What published accuracies were measured on: the centre of an image of a certain size."""

from typing import Any

import tensorflow as tf

from keras_classic_cnns.core import validate
from keras_classic_cnns.data.augment import match_channels


def central_crop(image: Any, *, size: int, resize: int, interpolation: str) -> tf.Tensor:
    """Resizes the short side of an image and cuts the centre out, as torchvision and timm do.

    Args:
        image: uint8 `(height, width, channels)`, of any size, grey or in colours.
        size: Height and width of the result, in pixels.
        resize: What the short side becomes first, at least `size`.
        interpolation: `"bilinear"` or `"bicubic"`. Either smooths where it shrinks, as in Pillow.

    Returns:
        Whole numbers in 0..255 as float32, `(size, size, 3)`.

    Raises:
        ValueError: `resize` is less than `size`, or there is no such interpolation.

    Example:
        >>> photo = tf.zeros((375, 500, 3), "uint8")
        >>> central_crop(photo, size=224, resize=256, interpolation="bilinear").shape
        TensorShape([224, 224, 3])
    """
    validate.positive_int("size", size)
    validate.integer("resize", resize, minimum=size)
    validate.one_of("interpolation", interpolation, ("bilinear", "bicubic"))
    image = match_channels(tf.convert_to_tensor(image), 3)
    sides = tf.shape(image)[:2]
    sides = resize * sides // tf.reduce_min(sides)
    resized = tf.image.resize(image, sides, method=interpolation, antialias=True)
    pixels = tf.round(tf.clip_by_value(resized, 0, 255))
    corner = tf.cast(tf.round((sides - size) / 2), tf.int32)
    return tf.slice(pixels, tf.concat([corner, [0]], 0), (size, size, 3))
