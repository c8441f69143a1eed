"""Several views of each image to evaluate on, as the papers did: crops, and scales of the whole."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from keras_classic_cnns import preprocessing as pixels
from keras_classic_cnns.core import validate
from keras_classic_cnns.data import storage
from keras_classic_cnns.data.augment import match_channels, resize
from keras_classic_cnns.data.pipeline import parallel_map
from keras_classic_cnns.data.source import Source
from keras_classic_cnns.data.tolerance import tolerant_examples

Size = tuple[int, int]


def ten_crop(image: Any, size: Size, shorter_side: int, *, mirror: bool = True) -> tf.Tensor:
    """The four corners and the centre of an image, and their mirror images.

    Args:
        image: uint8 `(height, width, channels)`, of any size.
        size: Height and width of a crop.
        shorter_side: What the shorter side of the image is resized to first, at least as long as
            both sides of a crop.
        mirror: Whether the mirror images are taken too; without them there are five crops.

    Returns:
        uint8 `(10, *size, channels)`, or `(5, *size, channels)`: top left, top right, bottom
        left, bottom right, centre, then their mirror images in this order.

    Raises:
        ValueError: A crop does not fit.

    Example:
        >>> ten_crop(tf.zeros((375, 500, 3), "uint8"), (224, 224), 256).shape
        TensorShape([10, 224, 224, 3])

    Source: Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural
    networks" (2012), section 4.1.
    """
    height, width = size
    validate.integer("shorter_side", shorter_side, minimum=max(size))
    image = rescale(image, shorter_side)
    bottom, right = tf.unstack(tf.shape(image)[:2] - [height, width])
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    crops = tf.stack([image[y : y + height, x : x + width] for y, x in corners])
    crops = tf.ensure_shape(crops, (5, height, width, image.shape[-1]))
    return tf.concat([crops, crops[:, :, ::-1]], axis=0) if mirror else crops


def rescale(image: Any, shorter_side: int) -> tf.Tensor:
    """The whole image with a shorter side of so many pixels, its aspect ratio kept.

    Args:
        image: uint8 `(height, width, channels)`.
        shorter_side: In pixels, at least 1.

    Returns:
        uint8 `(height, width, channels)`.

    Example:
        >>> rescale(tf.zeros((30, 40, 3), "uint8"), 60).shape
        TensorShape([60, 80, 3])
    """
    image = tf.convert_to_tensor(image)
    known = image.shape[:2]
    if known.is_fully_defined():
        return resize(image, tuple(_scaled(side, min(known), shorter_side) for side in known))
    sides = tf.shape(image)[:2]
    # a list, which `resize` does not take for the size that the image has
    resized = resize(image, tf.unstack(_scaled(sides, tf.reduce_min(sides), shorter_side)))
    resized.set_shape((None, None, image.shape[-1]))
    return resized


def _scaled(side: Any, shortest: Any, wanted: int) -> Any:
    """`side * wanted / shortest`, rounded, in whole numbers."""
    return (2 * side * wanted + shortest) // (2 * shortest)


def ten_crop_batches(
    source: Source,
    *,
    image_size: Size,
    channels: int,
    preprocessing: str | pixels.Preprocessing,
    batch_size: int,
    shorter_side: int,
    max_damaged: float = 0.01,
) -> tf.data.Dataset:
    """Batches of the ten crops of each image, in order.

    Where a mirror image of `source` shows another class there are five. Damaged files are left
    out.

    Args:
        source: Where the examples come from.
        image_size: Height and width of the model's input, in pixels.
        channels: 1 (images turn grey) or 3 (grey images are repeated).
        preprocessing: A mode of `keras_classic_cnns.preprocessing`, or a record.
        batch_size: Images a batch, before they are cropped; the last batch may be shorter.
        shorter_side: What shorter sides are resized to before.
        max_damaged: As for `data.train_batches`.

    Returns:
        A dataset of `((crops,), labels)`: float32 `(batch, 10, height, width, channels)` and
        integers `(batch,)`.
    """

    def views(image: tf.Tensor) -> tuple[tf.Tensor]:
        return (ten_crop(image, image_size, shorter_side, mirror=source.mirror),)

    return _batches(source, views, channels, preprocessing, batch_size, max_damaged)


def whole_batches(
    source: Source,
    *,
    shorter_sides: Sequence[int],
    channels: int,
    preprocessing: str | pixels.Preprocessing,
    batch_size: int,
    max_damaged: float = 0.01,
) -> tf.data.Dataset:
    """Batches of whole images at several scales, in order, each with its mirror image.

    Mirror images are left out where that of `source` shows another class, and damaged files. A
    batch is one image where the images of a set differ in size, whatever `batch_size` says.

    Args:
        source: Where the examples come from.
        shorter_sides: What shorter sides are resized to, one for each scale.
        channels: 1 (images turn grey) or 3 (grey images are repeated).
        preprocessing: A mode of `keras_classic_cnns.preprocessing`, or a record.
        batch_size: Images a batch; the last batch may be shorter.
        max_damaged: As for `data.train_batches`.

    Returns:
        A dataset of `(images, labels)`: for each scale float32
        `(batch, 2, height, width, channels)`, and integers `(batch,)`.
    """

    def views(image: tf.Tensor) -> tuple[tf.Tensor, ...]:
        scaled = [rescale(image, side) for side in shorter_sides]
        return tuple(tf.stack([x, x[:, ::-1]] if source.mirror else [x]) for x in scaled)

    is_one_size = source.dataset.element_spec[0].shape.is_fully_defined()
    size = batch_size if is_one_size else 1
    return _batches(source, views, channels, preprocessing, size, max_damaged)


def _batches(
    source: Source,
    views: Callable[[tf.Tensor], tuple[tf.Tensor, ...]],
    channels: int,
    preprocessing: str | pixels.Preprocessing,
    batch_size: int,
    max_damaged: float,
) -> tf.data.Dataset:
    validate.positive_int("batch_size", batch_size)

    def prepare(image: tf.Tensor, label: tf.Tensor) -> tuple:
        return views(match_channels(image, channels)), label

    def scale(images: tuple, labels: tf.Tensor) -> tuple:
        return tuple(pixels.preprocess(x, preprocessing) for x in images), labels

    if source.encoded is None:
        examples = parallel_map(source.dataset, prepare)
    else:
        examples = tolerant_examples(
            source.encoded.enumerate().map(storage.flat),
            lambda number, content, label, name: prepare(source.decode(content), label),
            damage=storage.damage_of(source, max_damaged),
        )
    return parallel_map(examples.batch(batch_size), scale).prefetch(1)
