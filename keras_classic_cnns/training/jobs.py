"""What a user can choose for each job: one frozen record a job.

A field is a command line flag, a keyword argument in Python and an entry of `settings.json`;
its meaning, default and check stand here and nowhere else.
"""

import dataclasses

from keras_classic_cnns.core import validate
from keras_classic_cnns.training.settings import (
    Settings,
    at_least,
    path_name,
    setting,
    shape,
    word,
    words,
)

_POSITIVE = at_least(1)
_OPTION_DOC = "An option of the model, as name=value (shortcut=B); may be given again."
_XLA = ("auto", "on", "off")
_CHECKPOINT = ("Which checkpoint of a run directory to take.", "best", "best", "last")


@dataclasses.dataclass(frozen=True)
class TrainSettings(Settings):
    """Settings of `train`: what to train on what, and how; unset ones come from the recipe."""

    model: str = setting("The network, by its name in `list`.", check=validate.string)
    dataset: str = setting(
        "The data: the name of a TFDS image classification set (mnist, cifar10, imagenet2012, "
        "...), digits, which needs no download, or a folder of images, split/class/image.jpg.",
        check=validate.string,
    )
    out: str | None = setting(
        "The run directory. The same command with the same directory goes on where it stopped.",
        None,
        check=path_name,
        absent="runs/MODEL-DATASET",
    )
    train_split: str = setting(
        "The split to train on, in TFDS syntax: train, train[:90%], ...",
        "train",
        check=validate.string,
    )
    eval_split: str | None = setting(
        "The split to evaluate after each epoch, which chooses best.keras. Take a part of the "
        "training data (train[90%:]) where the test figure must owe nothing to that choice.",
        None,
        check=validate.string,
        absent="the set's validation split, else its test split",
    )
    data_dir: str | None = setting(
        "Where the TFDS sets lie.", None, check=path_name, absent="TFDS's own folder"
    )
    recipe: str | None = setting(
        "The training recipe, by name.", None, check=validate.string, absent="the paper's"
    )
    epochs: int | None = setting(
        "Length of the run; the learning rate schedule stretches with it.",
        None,
        check=_POSITIVE,
        absent="the recipe's",
    )
    batch_size: int | None = setting(
        "Images a step; the recipe's learning rate scales with it.",
        None,
        check=_POSITIVE,
        absent="the recipe's",
    )
    learning_rate: float | None = setting(
        "The base learning rate, in place of the recipe's scaled one.",
        None,
        check=lambda name, value: validate.number(name, value, minimum=0.0),
        absent="the recipe's",
    )
    augment: tuple[str, ...] | None = setting(
        "Augmentations, with commas: pad_crop,flip,... or none.",
        None,
        check=words,
        absent="the recipe's",
    )
    seed: int = setting(
        "Seeds the weights, the order of the data and the augmentation.",
        0,
        check=lambda name, value: validate.integer(name, value, minimum=0, maximum=2**32 - 1),
    )
    image_size: int | None = setting(
        "Height and width of the model's input, in pixels; images are resized to it.",
        None,
        check=_POSITIVE,
        absent="the model's",
    )
    channels: int | None = setting(
        "Channels of the model's input, 1 or 3; images are converted.",
        None,
        check=lambda name, value: validate.one_of(name, value, (1, 3)),
        absent="the model's",
    )
    weights: str | None = setting(
        "Weights to start from: the name of public ones, such as imagenet, which are downloaded "
        "once, or a file: .keras, .weights.h5, or one of another library. Images are scaled as "
        "they were for these weights.",
        None,
        check=path_name,
        absent="fresh ones",
    )
    adapt_input: bool = setting(
        "Fit the first kernel of weights for coloured images to images of --channels.",
        False,
        check=validate.boolean,
    )
    option: tuple[str, ...] = setting(_OPTION_DOC, (), check=words)
    precision: str = word(
        "What the steps are computed in; mixed_float16 is for GPUs, mixed_bfloat16 for TPUs, new "
        "GPUs and new CPUs. Weights stay float32.",
        "float32",
        *("float32", "mixed_float16", "mixed_bfloat16"),
    )
    xla: str = word("Whether XLA compiles the steps; auto is Keras's choice.", "auto", *_XLA)
    steps_per_execution: int = setting(
        "Batches that run without going back to Python. It must divide those of an epoch.",
        1,
        check=_POSITIVE,
    )
    accumulate: int = setting(
        "Parts that the images of a step come in, where they do not fit into memory at once; "
        "their gradients are added up. It must divide the batch size.",
        1,
        check=_POSITIVE,
    )
    save_every_steps: int | None = setting(
        "Save a checkpoint after so many batches too, not only after every epoch.",
        None,
        check=_POSITIVE,
        absent="only after epochs",
    )
    deterministic: bool = setting(
        "Compute the same bits in every run on the same machine, at some cost of speed.",
        False,
        check=validate.boolean,
    )
    dry_run: bool = setting(
        "Build everything, print model, recipe, data and the memory that a step needs, and stop.",
        False,
        check=validate.boolean,
    )
    progress: str = word(
        "What to show: Keras's progress bar, a line an epoch, nothing; auto is the bar on a "
        "terminal and the line elsewhere.",
        "auto",
        *("auto", "bar", "line", "none"),
    )


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
    batch_size: int = setting("Images a step.", 64, check=_POSITIVE)
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
    option: tuple[str, ...] = setting(_OPTION_DOC, (), check=words)


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
