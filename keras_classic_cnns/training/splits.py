"""The splits of a set: which one to evaluate on, and whether they tell the class of an image."""

from typing import Any

import numpy as np

from keras_classic_cnns import data
from keras_classic_cnns.core import validate


def load_evaluation(dataset: str, split: str | None, data_dir: str | None) -> data.Source:
    """Opens the split to evaluate on.

    The validation split comes before the test split, since some sets (imagenet2012) keep the
    labels of the latter to themselves.

    Args:
        dataset: The name of the set, or the path of a folder.
        split: The split, or `None` for the set's validation split, else its test split.
        data_dir: Where the sets lie, or `None` for the usual folder.

    Raises:
        MissingDataError: The data set is not on this machine.
        ValueError: There is no such set or split, or the split keeps its labels to itself.
    """
    if split is None:
        split = data.evaluation_split(dataset, data_dir=data_dir)
    if split is not None:
        return labelled(data.load(dataset, split, data_dir=data_dir))
    raise ValueError(
        "The set has neither a validation nor a test split. Hold a part of the training data "
        "back, with the splits train[:90%] and train[90%:]. "
        f"{validate.received('dataset', dataset)}"
    )


def labelled(source: data.Source) -> data.Source:
    """Looks at the first example of a source whether it tells its class.

    Args:
        source: The examples.

    Returns:
        The source, which checks the labels of the others when they are read.

    Raises:
        ValueError: The split keeps its labels to itself.
    """
    examples = source.dataset if source.encoded is None else source.encoded
    for _, label, *_ in examples.take(1).as_numpy_iterator():
        check_labels(label, len(source.labels), f"{source.name}, {source.split}")
    return data.labels.checked(source)


def check_labels(labels: Any, classes: int, where: str) -> None:
    """Checks that every image has one of the classes.

    Args:
        labels: The labels, an array of integers of any shape.
        classes: How many classes there are.
        where: The data they come from, for the message.

    Raises:
        ValueError: A label is none of the classes.
    """
    labels = np.atleast_1d(labels)
    others = labels[(labels < 0) | (labels >= classes)]
    if others.size:
        raise ValueError(
            f"There are images without one of the {classes} classes in {where}: a split with "
            "such labels keeps them to itself, as the test split of imagenet2012 does. Choose "
            f"another split. {validate.received('label', int(others[0]))}"
        )
