"""Checks that every label is one of the classes, and that two sources have the same ones."""

import dataclasses

import tensorflow as tf

from keras_classic_cnns.core import validate
from keras_classic_cnns.data.source import Source


def checked(source: Source) -> Source:
    """A source that stops with an error at a label that is none of its classes.

    Args:
        source: Labelled images.

    Returns:
        The same examples in the same order. Reading one with a wrong label raises TensorFlow's
        `InvalidArgumentError`, which names the example.
    """
    classes = len(source.labels)

    def check_numbered(number: tf.Tensor, example: tuple) -> tuple[tf.Tensor, tf.Tensor]:
        image, label = example
        name = tf.strings.join(["number ", tf.strings.as_string(number)])
        return image, in_range(label, classes, name)

    encoded = source.encoded
    if encoded is not None:
        encoded = encoded.map(
            lambda image, label, name: (image, in_range(label, classes, name), name)
        )
    dataset = source.dataset.enumerate().map(check_numbered)
    return dataclasses.replace(source, dataset=dataset, encoded=encoded)


def in_range(label: tf.Tensor, classes: int, name: tf.Tensor) -> tf.Tensor:
    """The label, once it is known to be in `[0, classes)`; runs in a graph.

    Args:
        label: An integer, a scalar.
        classes: How many classes there are.
        name: What the example is called in the error.

    Raises:
        InvalidArgumentError: TensorFlow's, when it runs: the label is none of the classes.
    """
    is_class = (label >= 0) & (label < tf.cast(classes, label.dtype))
    message = [f"A label is none of the {classes} classes, 0 to {classes - 1}. Example:", name]
    passed = tf.debugging.Assert(is_class, [*message, "Received: label=", label])
    with tf.control_dependencies([passed]):
        return tf.identity(label)


def check_same_classes(train: Source, evaluation: Source) -> None:
    """Checks that validation data have the classes of the training data, in their order.

    Names that are mere numbers are held to their count.

    Args:
        train: The training data.
        evaluation: The validation data.

    Raises:
        ValueError: They have not.
    """
    if len(train.labels) != len(evaluation.labels):
        raise ValueError(
            f"The training data ({train.name}, {train.split}) have {len(train.labels)} classes "
            f"and the validation data ({evaluation.name}, {evaluation.split}) "
            f"{len(evaluation.labels)}: a model of the former cannot be judged by the latter. "
            f"{validate.received('labels', evaluation.labels[:20])}"
        )
    pairs = zip(train.labels, evaluation.labels, strict=True)
    for number, (one, other) in enumerate(pairs):
        if one != other and not (one.isdigit() or other.isdigit()):
            raise ValueError(
                f"Class {number} is {one!r} in the training data ({train.name}, {train.split}) and "
                f"{other!r} in the validation data ({evaluation.name}, {evaluation.split}): their "
                "classes must be the same, in the same order. "
                f"{validate.received('labels', evaluation.labels[:20])}"
            )
