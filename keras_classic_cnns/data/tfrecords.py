"""Labelled images in TFRecord files of `tf.train.Example`."""

import glob
import os
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.data import labels as label_checks
from keras_classic_cnns.data.arrays import class_list
from keras_classic_cnns.data.decoding import decode_image
from keras_classic_cnns.data.pipeline import parallel_map
from keras_classic_cnns.data.source import Source, shuffled

_SIDE_BY_SIDE = 16  # as TFDS: files that are read at once, and records of each in turn


def from_tfrecords(
    files: str | os.PathLike | Sequence[str | os.PathLike],
    labels: Sequence[str],
    *,
    image_key: str = "image/encoded",
    label_key: str = "image/class/label",
    label_offset: int = 0,
    channels: int = 3,
    num_examples: int | None = None,
    seed: int | None = None,
    mirror: bool = True,
    name: str = "tfrecords",
    split: str = "train",
) -> Source:
    """Reads TFRecord files whose records are a `tf.train.Example` of an image file and its class.

    Args:
        files: Paths, or patterns such as `"train-*-of-01024"`; those of `gs://` go to TensorFlow,
            and were not tried. Sixteen are read side by side, sixteen records of each in turn.
            Their records should be mixed: training shuffles them within 8,192.
        labels: The name of every class.
        image_key: The feature with the bytes of the image file.
        label_key: The feature with the number of the class.
        label_offset: The number of the first class: 1 for the records of ImageNet that others
            write from 1 to 1000.
        channels: 1 (images turn grey) or 3 (grey images are repeated), of the images.
        num_examples: How many there are; TensorFlow stops with an error where it finds another
            number. Default: they are counted, which reads the files once.
        seed: Seed of the order of the files, for training; `None`: in the order of their names.
        mirror: Whether a mirrored image still shows its class; false for digits and letters.
        name: What messages call these images.
        split: What messages call this part of them.

    Returns:
        The `Source`. A label that is none of the classes is an error when it is read.

    Raises:
        MissingDataError: There is no such file.
        ValueError: The files hold no examples, the first has not these features or a label that
            is none of the classes.

    Example:
        >>> image = tf.io.encode_png(tf.zeros((8, 8, 1), "uint8")).numpy()
        >>> record = tf.train.Example()
        >>> record.features.feature["image/encoded"].bytes_list.value.append(image)
        >>> record.features.feature["image/class/label"].int64_list.value.append(2)
        >>> with tf.io.TFRecordWriter("train-0") as writer:
        ...     writer.write(record.SerializeToString())
        >>> source = from_tfrecords("train-*", ["cat", "dog"], label_offset=1)
        >>> source.num_examples, [int(label) for _, label in source.dataset]
        (1, [1])
    """
    paths = _paths(files)
    if seed is not None:
        validate.seed("seed", seed)
        paths = shuffled(paths, seed)
    names = class_list("labels", labels)
    validate.integer("label_offset", label_offset)
    validate.one_of("channels", channels, (1, 3))
    keys = validate.string("image_key", image_key), validate.string("label_key", label_key)
    _check_first(paths, keys, label_offset, len(names))
    encoded = _read(paths, keys, label_offset, len(names))
    if validate.optional(validate.positive_int)("num_examples", num_examples) is None:
        num_examples = int(tf.data.TFRecordDataset(paths).reduce(0, lambda count, _: count + 1))
    # stated, so that TensorFlow refuses files that hold another number
    encoded = encoded.apply(tf.data.experimental.assert_cardinality(num_examples))

    def decode(content: tf.Tensor) -> tf.Tensor:
        return decode_image(content, channels)

    return Source(
        name=validate.string("name", name),
        split=validate.string("split", split),
        dataset=parallel_map(encoded, lambda image, label, _: (decode(image), label)),
        num_examples=num_examples,
        labels=names,
        mirror=validate.boolean("mirror", mirror),
        encoded=encoded,
        decode=decode,
    )


def _paths(files: Any) -> list[str]:
    given = [files] if isinstance(files, str | os.PathLike) else list(files)
    found: list[str] = []
    for item in given:
        path = os.path.expanduser(os.fspath(item))
        find = tf.io.gfile.glob if "://" in path else glob.glob  # whose * finds no hidden files
        matches = [path] if tf.io.gfile.exists(path) else sorted(find(path))
        if not matches:
            raise errors.MissingDataError(
                f"There is no such file, nor does one match. {validate.received('files', item)}"
            )
        found += matches
    if not found:
        raise ValueError(f"Give one file at least. {validate.received('files', files)}")
    return found


def _check_first(paths: list[str], keys: tuple[str, str], offset: int, classes: int) -> None:
    """Looks at the first example, so that a wrong key shows at once and not in training."""
    try:
        records = list(tf.data.TFRecordDataset(paths).take(1).as_numpy_iterator())
        example = tf.train.Example.FromString(records[0]) if records else None
    except Exception as error:  # protobuf's errors differ between its implementations
        raise ValueError(
            "These are no TFRecords of `tf.train.Example`, or the first is damaged. "
            f"{validate.received('files', paths[0])}"
        ) from error
    if example is None:
        raise ValueError(f"The files hold no examples. {validate.received('files', paths[:3])}")
    kinds = {key: value.WhichOneof("kind") for key, value in example.features.feature.items()}
    wanted = ("image_key", "bytes_list"), ("label_key", "int64_list")
    for key, (argument, kind) in zip(keys, wanted, strict=True):
        if kinds.get(key) != kind:
            there = ", ".join(f"{key} ({kinds[key]})" for key in sorted(kinds)) or "none"
            raise ValueError(
                f"The examples have no feature of this name that is a {kind}; they have {there}. "
                f"{validate.received(argument, key)}"
            )
    label = next(iter(example.features.feature[keys[1]].int64_list.value), None)
    if label is None or not 0 <= label - offset < classes:
        raise ValueError(
            f"The first label is {label}, and {classes} classes from `label_offset` on are "
            f"{offset} to {offset + classes - 1}. {validate.received('label_offset', offset)}"
        )


def _read(paths: list[str], keys: tuple[str, str], offset: int, classes: int) -> tf.data.Dataset:
    """`(bytes of the image file, label, name)` of every example."""
    image_key, label_key = keys
    features = {
        image_key: tf.io.FixedLenFeature((), tf.string),
        label_key: tf.io.FixedLenFeature((), tf.int64),
    }

    def numbered(path: tf.Tensor) -> tf.data.Dataset:
        records = tf.data.TFRecordDataset(path).enumerate()
        return records.map(lambda number, record: (path, number, record))

    def parse(path: tf.Tensor, number: tf.Tensor, record: tf.Tensor) -> tuple:
        example = tf.io.parse_single_example(record, features)
        name = tf.strings.join([path, tf.strings.as_string(number)], separator="#")
        label = label_checks.in_range(example[label_key] - offset, classes, name)
        return example[image_key], label, name

    records = tf.data.Dataset.from_tensor_slices(paths).interleave(
        numbered,
        cycle_length=_SIDE_BY_SIDE,
        block_length=_SIDE_BY_SIDE,
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    return parallel_map(records, parse)
