"""How an image looks where nothing is random: in evaluation, and in prediction just so."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_classic_cnns import preprocessing as pixels
from keras_classic_cnns.core import validate
from keras_classic_cnns.data import augment as augmentation
from keras_classic_cnns.data.central_crop import central_fraction


def prepare_image(
    image: Any,
    *,
    image_size: tuple[int, int],
    channels: int,
    preprocessing: str | pixels.Preprocessing,
    crop_fraction: float | None = None,
) -> tf.Tensor:
    """Makes one image ready for a model, exactly as `eval_batches` does.

    Args:
        image: uint8 `(height, width, channels)` of 1 (grey), 3 (RGB) or 4 (RGB and alpha, which
            is dropped) channels, of any size.
        image_size: Height and width of the model's input, in pixels. What sticks out of that
            aspect ratio is cropped evenly on both sides.
        channels: 1 or 3.
        preprocessing: A mode of `keras_classic_cnns.preprocessing`, or a record.
        crop_fraction: As for `eval_batches`.

    Returns:
        float32 `(height, width, channels)`.

    Raises:
        ValueError: The image is not uint8, or not `(height, width, channels)`, or an argument is
            out of range.

    Example:
        >>> grey = tf.fill((28, 28, 1), tf.constant(255, tf.uint8))
        >>> prepare_image(grey, image_size=(32, 32), channels=3, preprocessing="tf").shape
        TensorShape([32, 32, 3])
    """
    size = checked_form(image_size, channels, preprocessing, crop_fraction)
    mode = pixels.get_mode(preprocessing, "preprocessing")
    image = tf.convert_to_tensor(image)
    if image.dtype != tf.uint8 or image.shape.rank != 3:
        raise ValueError(
            "`image` must be uint8 and (height, width, channels). Received: "
            f"image.dtype={image.dtype.name!r}, image.shape={tuple(image.shape)}"
        )
    view = centre_view(crop_fraction, image_size=size, channels=channels)
    return pixels.preprocess(view(image), mode)


def checked_form(
    image_size: Any, channels: Any, preprocessing: Any, crop_fraction: Any = None
) -> tuple[int, int]:
    """The height and width of `image_size`, the others being fine; a mode may be `None`."""
    if crop_fraction is not None:
        validate.number("crop_fraction", crop_fraction, minimum=0.1, maximum=1)
    validate.one_of("channels", channels, (1, 3))
    if preprocessing is not None:
        pixels.get_mode(preprocessing, "preprocessing")
    if not isinstance(image_size, tuple | list) or len(image_size) != 2:
        raise ValueError(
            "`image_size` must be a pair, height and width. "
            f"{validate.received('image_size', image_size)}"
        )
    height, width = (validate.positive_int("image_size", side) for side in image_size)
    return height, width


def centre_view(crop_fraction: float | None, **form: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """What evaluation sees of an image.

    Args:
        crop_fraction: As for `eval_batches`.
        **form: `image_size` and `channels` of the result; `decode` and `decoded_channels` where
            it is made of the bytes of a file.
    """
    if crop_fraction is not None:
        return lambda image: central_fraction(image, crop_fraction, **form)
    view = augmentation.compose((), **form)
    return lambda image: view(image, tf.zeros(2, tf.int64))  # nothing is drawn
