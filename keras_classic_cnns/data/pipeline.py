"""From labelled images to batches a model takes; the only place that says AUTOTUNE.

Training: shuffle -> decode -> fit to the model's size and channels -> augment -> batch -> scale.
Images stay uint8 until the last step. Everything random is a pure function of the seed and the
number of the example, so that a run can be stopped and go on with the very same batches.
"""

import logging
import math
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from keras_classic_cnns import preprocessing as pixels
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.data import augment as augmentation
from keras_classic_cnns.data.image_file import decode_image_file
from keras_classic_cnns.data.mixing import mixer
from keras_classic_cnns.data.source import Source

# Decoded images are kept in memory where all have one size and together take no more than this:
# the training images of MNIST (47 MB), CIFAR (154 MB) and SVHN (225 MB) do.
CACHE_BYTES = 256 * 2**20
# Other sets are read from disk every epoch, and shuffled through a buffer of this many examples,
# as encoded files where there are files.
SHUFFLE_BUFFER = 8192

__all__ = [
    "applicable",
    "decode_image_file",
    "eval_batches",
    "parallel_map",
    "prepare_image",
    "steps_per_epoch",
    "train_batches",
]

_log = logging.getLogger(__name__)


def parallel_map(dataset: tf.data.Dataset, function: Callable) -> tf.data.Dataset:
    """Maps in parallel, in order."""
    return dataset.map(function, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def steps_per_epoch(source: Source, batch_size: int) -> int:
    """The number of full batches in a source.

    Args:
        source: Where the examples come from.
        batch_size: Examples a batch, at least 1.

    Raises:
        ValueError: One batch is larger than the source.

    Example:
        >>> pairs = tf.data.Dataset.range(10).map(lambda i: (tf.zeros((8, 8, 1), tf.uint8), i % 2))
        >>> steps_per_epoch(Source("mine", "train", pairs, 10, ("cat", "dog")), 4)
        2
    """
    validate.positive_int("batch_size", batch_size)
    if batch_size > source.num_examples:
        raise ValueError(
            f"`batch_size` is larger than the {source.num_examples} examples of {source.name}, "
            f"split {source.split}. {validate.received('batch_size', batch_size)}"
        )
    return source.num_examples // batch_size


def applicable(source: Source, names: Sequence[str]) -> Sequence[str]:
    """The augmentations that leave an image of a source in its class: all, or all but the flip.

    Args:
        source: Where the examples come from.
        names: Names of `augment.NAMES`.
    """
    if source.mirror or isinstance(names, str):  # a string is refused further on
        return names
    return tuple(name for name in names if name != "flip")


def train_batches(
    source: Source,
    *,
    image_size: tuple[int, int],
    channels: int,
    preprocessing: str | pixels.Preprocessing,
    batch_size: int,
    augment: Sequence[str] = (),
    mixing: Mixing | None = None,
    seed: int,
    epochs: int | None = None,
    skip_steps: int = 0,
) -> tf.data.Dataset:
    """Batches for training: shuffled, augmented, and the same ones every time.

    An epoch is `steps_per_epoch(source, batch_size)` batches, in an order of its own, and holds
    no example twice; the `num_examples % batch_size` examples that fill no batch are others in
    every epoch. The batches depend on the arguments alone, not on the global seed, nor on how
    often or from where they are read.

    Args:
        source: Where the examples come from.
        image_size: Height and width of the model's input, in pixels.
        channels: 1 (images turn grey) or 3 (grey images are repeated).
        preprocessing: A mode of `keras_classic_cnns.preprocessing`, or a record.
        batch_size: Examples a batch, in `[1, source.num_examples]`.
        augment: Names of `augment.NAMES`, applied in this order. `"flip"` is left out, and the
            log says so, where `source.mirror` is false.
        mixing: How the images of a batch are mixed, `Mixing`; `None` leaves them as they are.
        seed: Seed of order, augmentation and mixing, in `[0, 2**32)`.
        epochs: How many epochs there are; `None` for no end.
        skip_steps: How many batches to leave out at the start, without decoding them: a run that
            stopped after that many steps goes on as if it had not.

    Returns:
        A dataset of `(images, labels)`: float32 `(batch_size, height, width, channels)` and
        integers `(batch_size,)`, with static shapes. The labels of mixed images are shares of
        all classes, float32 `(batch_size, classes)`.

    Raises:
        ValueError: An argument is out of range, or a name of `augment` unknown.
    """
    steps = steps_per_epoch(source, batch_size)
    size = _checked(image_size, channels, preprocessing)
    validate.integer("seed", seed, minimum=0, maximum=2**32 - 1)
    first_epoch, done = divmod(validate.integer("skip_steps", skip_steps, minimum=0), steps)
    end = tf.int64.max if epochs is None else validate.positive_int("epochs", epochs)
    names = applicable(source, augment)
    if len(names) < len(augment):
        _log.info("flip is left out: a mirrored image of %s shows another class", source.name)
    prepare = augmentation.compose(names, image_size=size, channels=channels)
    stored, decode = _stored(source)
    buffer = source.num_examples if _is_small(source) else SHUFFLE_BUFFER

    def epoch_examples(epoch: tf.Tensor) -> tf.data.Dataset:
        # the seed of this traced function alone, which frees it from the global one; never 0,
        # since TensorFlow cannot compare the pair (0, epoch) with (0, 0)
        tf.random.set_seed(1 + seed % (2**31 - 2))
        order = stored.shuffle(buffer, seed=epoch, reshuffle_each_iteration=False)
        numbered = order.enumerate(start=epoch * source.num_examples)
        return numbered.take(steps * batch_size)

    def prepare_example(number: tf.Tensor, example: tuple) -> tuple[tf.Tensor, tf.Tensor]:
        image, label = example
        return prepare(decode(image), tf.stack([tf.cast(seed, tf.int64), number])), label

    dataset = tf.data.Dataset.range(first_epoch, end).flat_map(epoch_examples)
    dataset = parallel_map(dataset.skip(done * batch_size), prepare_example)
    batches = _batched(dataset, batch_size, preprocessing, drop_remainder=True)
    if mixing is None:
        return batches
    mixed = parallel_map(batches.enumerate(skip_steps), mixer(mixing, len(source.labels), seed))
    return mixed.prefetch(tf.data.AUTOTUNE)


def eval_batches(
    source: Source,
    *,
    image_size: tuple[int, int],
    channels: int,
    preprocessing: str | pixels.Preprocessing,
    batch_size: int,
) -> tf.data.Dataset:
    """Batches for evaluation: every example once, in order, as it is.

    Args:
        source: Where the examples come from.
        image_size: Height and width of the model's input, in pixels.
        channels: 1 (images turn grey) or 3 (grey images are repeated).
        preprocessing: A mode of `keras_classic_cnns.preprocessing`, or a record.
        batch_size: Examples a batch, at least 1; the last batch may be shorter.

    Returns:
        A dataset of `(images, labels)`: float32 `(batch, height, width, channels)` and integers
        `(batch,)`.
    """
    size = _checked(image_size, channels, preprocessing)
    validate.positive_int("batch_size", batch_size)
    stored, decode = _stored(source)

    def prepare_example(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return augmentation.fit(decode(image), image_size=size, channels=channels), label

    dataset = parallel_map(stored, prepare_example)
    return _batched(dataset, batch_size, preprocessing, drop_remainder=False)


def prepare_image(
    image: Any,
    *,
    image_size: tuple[int, int],
    channels: int,
    preprocessing: str | pixels.Preprocessing,
) -> tf.Tensor:
    """Makes one image ready for a model, exactly as `eval_batches` does.

    Args:
        image: uint8 `(height, width, channels)` of 1 (grey), 3 (RGB) or 4 (RGB and alpha, which
            is dropped) channels, of any size.
        image_size: Height and width of the model's input, in pixels. What sticks out of that
            aspect ratio is cropped evenly on both sides.
        channels: 1 or 3.
        preprocessing: A mode of `keras_classic_cnns.preprocessing`, or a record.

    Returns:
        float32 `(height, width, channels)`.

    Raises:
        ValueError: The image is not uint8, or not `(height, width, channels)`.

    Example:
        >>> grey = tf.fill((28, 28, 1), tf.constant(255, tf.uint8))
        >>> prepare_image(grey, image_size=(32, 32), channels=3, preprocessing="tf").shape
        TensorShape([32, 32, 3])
    """
    size = _checked(image_size, channels, preprocessing)
    image = tf.convert_to_tensor(image)
    if image.dtype != tf.uint8 or image.shape.rank != 3:
        raise ValueError(
            "`image` must be uint8 and (height, width, channels). Received: "
            f"image.dtype={image.dtype.name!r}, image.shape={tuple(image.shape)}"
        )
    fitted = augmentation.fit(image, image_size=size, channels=channels)
    return pixels.preprocess(fitted, preprocessing)


def _checked(image_size: Any, channels: Any, preprocessing: Any) -> tuple[int, int]:
    """The height and width of `image_size`, the other two being fine."""
    validate.one_of("channels", channels, (1, 3))
    pixels.get_mode(preprocessing, "preprocessing")
    if not isinstance(image_size, tuple | list) or len(image_size) != 2:
        raise ValueError(
            "`image_size` must be a pair, height and width. "
            f"{validate.received('image_size', image_size)}"
        )
    height, width = (validate.positive_int("image_size", side) for side in image_size)
    return height, width


def _is_small(source: Source) -> bool:
    shape = source.dataset.element_spec[0].shape
    if not shape.is_fully_defined():
        return False
    return source.num_examples * math.prod(shape.as_list()) <= CACHE_BYTES


def _stored(source: Source) -> tuple[tf.data.Dataset, Callable]:
    """What is kept in memory or read every epoch, and how one of its images is decoded."""
    if _is_small(source):
        # a reader that is dropped early may leave a cache of fewer examples behind, without an
        # error; the stated number makes TensorFlow refuse to keep such a one
        stated = tf.data.experimental.assert_cardinality(source.num_examples)
        return source.dataset.apply(stated).cache(), tf.identity
    if source.encoded is not None:
        return source.encoded.map(lambda image, label, _: (image, label)), source.decode
    return source.dataset, tf.identity


def _batched(
    dataset: tf.data.Dataset,
    batch_size: int,
    preprocessing: str | pixels.Preprocessing,
    *,
    drop_remainder: bool,
) -> tf.data.Dataset:
    dataset = dataset.batch(batch_size, drop_remainder=drop_remainder)
    dataset = parallel_map(
        dataset, lambda images, labels: (pixels.preprocess(images, preprocessing), labels)
    )
    return dataset.prefetch(tf.data.AUTOTUNE)
