"""What a user can choose for each job: one frozen record a job.

A field is a command line flag, a keyword argument in Python and an entry of `settings.json`;
its meaning, default and check stand in its record and nowhere else. That of `train`, the longest,
has a module of its own.
"""

import dataclasses

from keras_classic_cnns.core import validate
from keras_classic_cnns.training.settings import (
    OPTION_DOC,
    Settings,
    at_least,
    path_name,
    setting,
    shape,
    tolerated_damage,
    whole_numbers,
    word,
    words,
)
from keras_classic_cnns.training.train_settings import TrainSettings

__all__ = [
    "EvaluateSettings",
    "ExportSettings",
    "ListSettings",
    "PredictSettings",
    "SummarySettings",
    "TrainSettings",
]

_POSITIVE = at_least(1)
_CHECKPOINT = ("Which checkpoint of a run directory to take.", "best", "best", "last")


@dataclasses.dataclass(frozen=True)
class EvaluateSettings(Settings):
    """Settings of `evaluate`: which model on which data."""

    path: str = setting(
        "A run directory of `train`, or a .keras file.", check=path_name, positional=True
    )
    checkpoint: str = word(*_CHECKPOINT)
    dataset: str | None = setting(
        "The data set, as for `train`.", None, check=validate.string, absent="the run's own"
    )
    split: str | None = setting(
        "The split, in TFDS syntax.",
        None,
        check=validate.string,
        absent="the one the run was validated on, else as for `train`",
    )
    data_dir: str | None = setting(
        "Where the TFDS sets lie.", None, check=path_name, absent="the run's, else TFDS's own"
    )
    max_damaged: float = tolerated_damage()
    batch_size: int = setting("Images a step.", 64, check=_POSITIVE)
    views: str = word(
        "What is looked at of each image, whose probabilities are averaged: its centre; ten crops, "
        "which are corners, centre and their mirror images; or all of it (dense) at several "
        "scales, by the network as one convolution. Mirror images are left out where they are "
        "other classes, as of digits.",
        "center",
        *("center", "ten_crop", "dense"),
    )
    scales: tuple[int, ...] | None = setting(
        "The shorter sides that images are resized to before, in pixels, with commas: one for "
        "ten_crop, any number for dense.",
        None,
        check=whole_numbers,
        absent="8/7 of the model's image size for ten_crop (256 for 224), and 1, 8/7 and 9/7 of it "
        "for dense",
    )
    preprocessing: str | None = setting(
        "The preprocessing mode (torch, caffe, tf, raw, ...), in place of what belongs to the "
        "model.",
        None,
        check=validate.string,
        absent="what the .preprocessing.json beside the model says, else the run's, else that of "
        "the architecture the model is named after",
    )
    out: str | None = setting(
        "Where evaluation.json and confusion.png go.",
        None,
        check=path_name,
        absent="beside the model",
    )
    json: bool = setting(
        "Print the results as JSON instead of a table.", False, check=validate.boolean
    )


@dataclasses.dataclass(frozen=True)
class PredictSettings(Settings):
    """Settings of `predict`: which model on which image files."""

    path: str = setting(
        "A run directory of `train`, a .keras file, or an exported SavedModel. The latter runs "
        "whatever graph it holds: give only those you trust.",
        check=path_name,
        positional=True,
    )
    images: tuple[str, ...] = setting(
        "Image files: PNG, JPEG, BMP, GIF or WebP (the first frame).", check=words, positional=True
    )
    top: int = setting("How many classes to show for each image.", 5, check=_POSITIVE)
    checkpoint: str = word(*_CHECKPOINT)
    preprocessing: str | None = setting(
        "As in `evaluate`.", None, check=validate.string, absent="as in `evaluate`"
    )
    labels: str | None = setting(
        "A text file with the class names, one a line.",
        None,
        check=path_name,
        absent="the run's; a SavedModel brings its own",
    )
    json: bool = setting(
        "Print the results as JSON instead of a table.", False, check=validate.boolean
    )


@dataclasses.dataclass(frozen=True)
class ExportSettings(Settings):
    """Settings of `export`: which model, to where."""

    path: str = setting(
        "A run directory of `train`, or a .keras file.", check=path_name, positional=True
    )
    out: str | None = setting(
        "The SavedModel's folder; a numbered version is made in it.",
        None,
        check=path_name,
        absent="`export` beside the model",
    )
    checkpoint: str = word(*_CHECKPOINT)
    version: int | None = setting(
        "The version to write.", None, check=at_least(0), absent="one more than the highest there"
    )
    top: int = setting(
        "How many classes the `classes` and `labels` outputs hold.", 5, check=_POSITIVE
    )
    preprocessing: str | None = setting(
        "As in `evaluate`.", None, check=validate.string, absent="as in `evaluate`"
    )
    labels: str | None = setting(
        "A text file with the class names, one a line.", None, check=path_name, absent="the run's"
    )
    warmup: bool = setting(
        "Add requests that TensorFlow Serving replays when it loads the model, so that the first "
        "user does not wait; needs the package tensorflow-serving-api.",
        False,
        check=validate.boolean,
    )


@dataclasses.dataclass(frozen=True)
class SummarySettings(Settings):
    """Settings of `summary`: which model, built how."""

    model: str = setting(
        "The network, by its name in `list`.", check=validate.string, positional=True
    )
    classes: int | None = setting("Number of classes.", None, check=_POSITIVE, absent="the model's")
    input_shape: tuple[int, ...] | None = setting(
        "Height, width and channels, with commas: 224,224,3.",
        None,
        check=shape,
        absent="the model's",
    )
    option: tuple[str, ...] = setting(OPTION_DOC, (), check=words)


@dataclasses.dataclass(frozen=True)
class ListSettings(Settings):
    """Settings of `list`: which models."""

    pattern: str = setting(
        "A shell pattern, such as resnext* (quote it).", "*", check=validate.string, positional=True
    )
    parameters: bool = setting(
        "Count the trainable parameters too, which builds every network and takes a while.",
        False,
        check=validate.boolean,
    )
