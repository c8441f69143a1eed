"""From labelled images to batches a model takes.

Training: shuffle -> decode -> fit to the model's size and channels -> augment -> batch -> scale.
A JPEG is decoded no further than it is seen, and a damaged one gives way to another (`tolerance`).
Images stay uint8 until the last step, which may be left to the device. Everything random is a
pure function of the seed and the number of the example, so that a run can be stopped and go on with
the very same batches.
"""

import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from keras_classic_cnns import preprocessing as pixels
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.data import augment as augmentation
from keras_classic_cnns.data import storage
from keras_classic_cnns.data.image_file import decode_image_file
from keras_classic_cnns.data.mixing import mix
from keras_classic_cnns.data.parallel import parallel_map
from keras_classic_cnns.data.preparing import centre_view, checked_form, prepare_image
from keras_classic_cnns.data.source import Source
from keras_classic_cnns.data.tolerance import tolerant_batches, tolerant_examples

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

_NONE_LEFT = (
    "No image of a batch can be read. Remove or replace the damaged files, which the log names, "
    "or take another batch size."
)


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
    preprocessing: str | pixels.Preprocessing | None,
    batch_size: int,
    augment: Sequence[str] = (),
    mixing: Mixing | None = None,
    seed: int,
    epochs: int | None = None,
    skip_steps: int = 0,
    deterministic: bool = True,
    max_damaged: float = 0.01,
) -> tf.data.Dataset:
    """Batches for training: shuffled, augmented, and the same ones every time.

    An epoch is `steps_per_epoch(source, batch_size)` batches, in an order of its own, and holds
    no example twice; the `num_examples % batch_size` examples that fill no batch are others in
    every epoch. The batches depend on the arguments alone, not on the global seed, nor on how
    often or from where they are read.

    The place of a damaged file is taken by another example of its batch.

    Args:
        source: Where the examples come from.
        image_size: Height and width of the model's input, in pixels.
        channels: 1 (images turn grey) or 3 (grey images are repeated).
        preprocessing: A mode of `keras_classic_cnns.preprocessing`, or a record; `None` leaves
            values in 0..255, for a model whose steps scale them (`scale_in_steps`).
        batch_size: Examples a batch, in `[1, source.num_examples]`.
        augment: Names of `augment.NAMES`, applied in this order. `"flip"` is left out, and the
            log says so, where `source.mirror` is false.
        mixing: How the images of a batch are mixed, `Mixing`; `None` leaves them as they are.
        seed: Seed of order, augmentation and mixing, in `[0, 2**32)`.
        epochs: How many epochs there are; `None` for no end.
        skip_steps: How many batches to leave out at the start, without decoding them: a run that
            stopped after that many steps goes on as if it had not.
        deterministic: Whether examples come in the order of the seed; else whichever is ready
            goes first. What each looks like stays the same.
        max_damaged: The largest share of the images seen that may be damaged, in `[0, 1]`; five
            may be, unless it is 0. Reading more of them raises TensorFlow's
            `InvalidArgumentError`.

    Returns:
        A dataset of `(images, labels)`: float32 `(batch_size, height, width, channels)` and
        integers `(batch_size,)`, with static shapes. Without `preprocessing` and `mixing` images
        are uint8. The labels of mixed images are shares of all classes, float32
        `(batch_size, classes)`.

    Raises:
        ValueError: An argument is out of range, or a name of `augment` unknown.
    """
    steps = steps_per_epoch(source, batch_size)
    size = checked_form(image_size, channels, preprocessing)
    validate.seed("seed", seed)
    validate.boolean("deterministic", deterministic)
    first_epoch, done = divmod(validate.integer("skip_steps", skip_steps, minimum=0), steps)
    end = tf.int64.max if epochs is None else validate.positive_int("epochs", epochs)
    names = applicable(source, augment)
    if len(names) < len(augment):
        _log.info("flip is left out: a mirrored image of %s shows another class", source.name)
    form = {"image_size": size, "channels": channels, **storage.decoding(source)}
    prepare, prepare_jpeg = _ways(functools.partial(augmentation.compose, names), form)

    def example(way: Callable, number: tf.Tensor, image: tf.Tensor, *rest: tf.Tensor) -> tuple:
        return way(image, tf.stack([tf.cast(seed, tf.int64), number])), rest[0]

    prepare_example = functools.partial(example, prepare)
    stored = storage.stored(source, max_damaged)
    examples_of = _shuffled(stored, source, seed, steps * batch_size)
    dataset = tf.data.Dataset.range(first_epoch, end).flat_map(examples_of)
    dataset = dataset.skip(done * batch_size).map(storage.flat)
    if storage.has_files(source):
        first = first_epoch * source.num_examples + done * batch_size
        damage = storage.damage_of(source, max_damaged, first=first)
        batches = tolerant_batches(
            dataset,
            prepare_example,
            batch_size,
            damage=damage,
            prepare_jpeg=prepare_jpeg and functools.partial(example, prepare_jpeg),
            deterministic=deterministic,
            drop_remainder=True,
        ).map(lambda rows, ok: rows)
    else:
        examples = parallel_map(dataset, prepare_example, deterministic=deterministic)
        batches = examples.batch(batch_size, drop_remainder=True)
    if mixing is not None:
        batches = mix(batches, mixing, len(source.labels), seed, skip_steps)
    return _scaled(batches, preprocessing)


def _shuffled(
    stored: tf.data.Dataset, source: Source, seed: int, count: int
) -> Callable[[tf.Tensor], tf.data.Dataset]:
    """A function from the number of an epoch to its numbered examples, so many of them."""
    buffer = storage.shuffle_buffer(source)

    def examples_of(epoch: tf.Tensor) -> tf.data.Dataset:
        # the seed of this traced function alone, which frees it from the global one; never 0,
        # since TensorFlow cannot compare the pair (0, epoch) with (0, 0)
        tf.random.set_seed(1 + seed % (2**31 - 2))
        order = stored.shuffle(buffer, seed=epoch, reshuffle_each_iteration=False)
        return order.enumerate(start=epoch * source.num_examples).take(count)

    return examples_of


def eval_batches(
    source: Source,
    *,
    image_size: tuple[int, int],
    channels: int,
    preprocessing: str | pixels.Preprocessing | None,
    batch_size: int,
    crop_fraction: float | None = None,
    deterministic: bool = True,
    max_damaged: float = 0.01,
) -> tf.data.Dataset:
    """Batches for evaluation: every example once, in order, as it is.

    Damaged files are left out, so that a batch may be shorter.

    Args:
        source: Where the examples come from.
        image_size: Height and width of the model's input, in pixels.
        channels: 1 (images turn grey) or 3 (grey images are repeated).
        preprocessing: As for `train_batches`.
        batch_size: Examples a batch, at least 1; the last batch may be shorter.
        crop_fraction: `image_size` as a fraction of the size that images are resized to before
            the centre is cut out, in `[0.1, 1]`: 0.875 is 224 of 256, as in most papers. `None`
            for the largest centred rectangle.
        deterministic: Whether examples come in order; else whichever is ready goes first.
        max_damaged: As for `train_batches`.

    Returns:
        A dataset of `(images, labels)`: float32 `(batch, height, width, channels)`, without
        `preprocessing` uint8, and `(batch,)`.
    """
    size = checked_form(image_size, channels, preprocessing, crop_fraction)
    validate.positive_int("batch_size", batch_size)
    validate.boolean("deterministic", deterministic)
    form = {"image_size": size, "channels": channels, **storage.decoding(source)}
    view, view_jpeg = _ways(functools.partial(centre_view, crop_fraction), form)

    def example(way: Callable, number: tf.Tensor, image: tf.Tensor, *rest: tf.Tensor) -> tuple:
        return way(image), rest[0]

    prepare_example = functools.partial(example, view)

    def with_ok(*example: tf.Tensor) -> tuple:
        return prepare_example(*example), example[3] if len(example) > 3 else True

    stored = storage.stored(source, max_damaged).enumerate().map(storage.flat)
    if storage.has_files(source):
        how = {
            "damage": storage.damage_of(source, max_damaged),
            "deterministic": deterministic,
        }
        if batch_size == 1:
            batches = tolerant_examples(stored, prepare_example, **how).batch(1)
        else:
            how["prepare_jpeg"] = view_jpeg and functools.partial(example, view_jpeg)
            batches = tolerant_batches(stored, prepare_example, batch_size, **how).map(_only_own)
    else:
        examples = parallel_map(stored, with_ok, deterministic=deterministic)
        if batch_size == 1:
            examples = examples.filter(lambda rows, ok: ok)
        batches = examples.batch(batch_size).map(_only_own)
    if batch_size == 1 and source.encoded is not None:  # a damaged image is a batch less
        return _scaled(batches, preprocessing)
    # Keras warns of data that end where it did not know that they would
    count = tf.data.experimental.assert_cardinality(-(-source.num_examples // batch_size))
    return _scaled(batches.apply(count), preprocessing)


def _ways(make: Callable, form: dict[str, Any]) -> tuple[Callable, Callable | None]:
    """How any image is prepared; and JPEGs alone, where `form` has them decoded in part."""
    are_cut = form.get("decoded_channels") in (1, 3)
    return make(**form), make(**form | {"decode": None}) if are_cut else None


def _only_own(rows: tuple[tf.Tensor, ...], ok: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """The rows of a batch that are ok; one must be, for nobody averages over no images."""
    passed = tf.debugging.Assert(tf.reduce_any(ok), [_NONE_LEFT])
    with tf.control_dependencies([passed]):
        is_whole = tf.reduce_all(ok)
    return tf.cond(
        is_whole, lambda: rows, lambda: tuple(tf.boolean_mask(part, ok) for part in rows)
    )


def _scaled(
    batches: tf.data.Dataset, preprocessing: str | pixels.Preprocessing | None
) -> tf.data.Dataset:
    if preprocessing is not None:
        # bytes until here are a quarter of the memory, and cost no more (benchmarks/README.md)
        batches = parallel_map(
            batches, lambda images, labels: (pixels.preprocess(images, preprocessing), labels)
        )
    return batches.prefetch(tf.data.AUTOTUNE)
