"""What published accuracies were measured on: the centre of an image of a certain size."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_classic_cnns.core import validate
from keras_classic_cnns.data import crops
from keras_classic_cnns.data.augment import Size, match_channels

# TensorFlow's name of each kernel, and how far it reaches, in pixels of the smaller image
_KERNELS = {"bilinear": ("triangle", 1), "bicubic": ("keyscubic", 2)}


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
    validate.one_of("interpolation", interpolation, tuple(_KERNELS))
    image = match_channels(tf.convert_to_tensor(image), 3)
    sides = tf.shape(image)[:2]
    everything = tf.concat([[0, 0], sides], axis=0)
    return _sampled(image, everything, sides, (size, size), (resize, resize), interpolation)


def central_fraction(
    image: tf.Tensor,
    fraction: float,
    *,
    image_size: Size,
    channels: int,
    decode: Callable[[tf.Tensor], tf.Tensor] | None = None,
    decoded_channels: int | None = None,
) -> tf.Tensor:
    """`central_crop` to a size that is a fraction of what the image is resized to.

    No more of the image is read than shows, with what smooths its edges: the result is that of
    the whole image.

    Args:
        image: uint8 `(height, width, channels)`; or, with `decode`, the bytes of a file.
        fraction: Size over resized size, in `(0, 1]`, such as 224 / 256.
        image_size: Height and width of the result. The image is resized until it covers
            `image_size / fraction`.
        channels: 1 or 3, of the result.
        decode: As for `augment.compose`.
        decoded_channels: As for `augment.compose`.

    Returns:
        uint8 `(*image_size, channels)`.
    """
    height, width = (round(side / fraction) for side in image_size)
    resize = (height, width)

    def region(sides: tf.Tensor) -> tf.Tensor:
        return _region(sides, image_size, resize, "bilinear")

    if decode is None and decoded_channels is None:
        sides = tf.shape(image)[:2]
        here = region(sides)
        part = crops.cut(image, here)
    else:
        part, here, sides = crops.cut_file(image, region, decode=decode, channels=decoded_channels)
    part = match_channels(part, channels)
    return tf.cast(_sampled(part, here, sides, image_size, resize, "bilinear"), tf.uint8)


def _resized(sides: tf.Tensor, resize: Size) -> tf.Tensor:
    """Height and width of the image once it just covers `resize`."""
    height, width = tf.unstack(sides)
    least_height, least_width = resize
    by_height = tf.stack([least_height, least_height * width // height])
    by_width = tf.stack([least_width * height // width, least_width])
    return tf.where(height * least_width <= width * least_height, by_height, by_width)


def _corner(resized: tf.Tensor, size: Size) -> tf.Tensor:
    return tf.cast(tf.round((resized - tf.constant(size)) / 2), tf.int32)


def _region(sides: tf.Tensor, size: Size, resize: Size, interpolation: str) -> tf.Tensor:
    """The window of the image as it is that the centre is made of."""
    resized = _resized(sides, resize)
    corner = tf.cast(_corner(resized, size), tf.float32)
    step = tf.cast(sides, tf.float32) / tf.cast(resized, tf.float32)
    reach = _KERNELS[interpolation][1] * tf.maximum(step, 1.0) + 1
    start = tf.maximum(tf.cast(tf.floor(corner * step - reach), tf.int32), 0)
    end = (corner + tf.cast(size, tf.float32)) * step + reach
    end = tf.minimum(tf.cast(tf.math.ceil(end), tf.int32), sides)
    return tf.concat([start, end - start], axis=0)


def _sampled(
    part: tf.Tensor,
    window: tf.Tensor,
    sides: tf.Tensor,
    size: Size,
    resize: Size,
    interpolation: str,
) -> tf.Tensor:
    """The centre of the resized image, from a window of the image that holds enough of it."""
    resized = _resized(sides, resize)
    scale = tf.cast(resized, tf.float32) / tf.cast(sides, tf.float32)
    moved = tf.cast(window[:2], tf.float32) * scale - tf.cast(_corner(resized, size), tf.float32)
    # what tf.image.resize is made of, at the pixels that are kept
    pixels = tf.raw_ops.ScaleAndTranslate(
        images=part[None],
        size=size,
        scale=scale,
        translation=moved,
        kernel_type=_KERNELS[interpolation][0],
        antialias=True,
    )[0]
    pixels = tf.round(tf.clip_by_value(pixels, 0, 255))
    return tf.ensure_shape(pixels, (*size, part.shape[-1]))
