"""What a user can choose for `train`."""

import dataclasses
from typing import Any

from keras_classic_cnns.core import validate
from keras_classic_cnns.training.settings import (
    OPTION_DOC,
    Settings,
    at_least,
    local_path,
    path_name,
    setting,
    tolerated_damage,
    whole_numbers,
    word,
    words,
)

_POSITIVE = at_least(1)
_XLA = ("auto", "on", "off")
_STRATEGIES = ("auto", "cpu", "gpu", "mirrored", "multi_worker", "tpu")


def _not_negative(name: str, value: Any) -> float:
    return validate.number(name, value, minimum=0.0)


def _first_and_last(name: str, value: Any) -> tuple[int, ...]:
    pair = whole_numbers(name, value)
    if len(pair) != 2 or pair[0] > pair[1]:
        raise ValueError(
            f"`{name}` must be two numbers, the first not above the last. "
            f"{validate.received(name, pair)}"
        )
    return pair


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
        check=local_path,
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
        "Where the TFDS sets lie; gs://... too.", None, check=path_name, absent="TFDS's own folder"
    )
    max_damaged: float = tolerated_damage()
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
        "Images a step, over all devices; the recipe's learning rate scales with it.",
        None,
        check=_POSITIVE,
        absent="the recipe's",
    )
    learning_rate: float | None = setting(
        "The base learning rate, in place of the recipe's scaled one.",
        None,
        check=_not_negative,
        absent="the recipe's",
    )
    augment: tuple[str, ...] | None = setting(
        "Augmentations, with commas: pad_crop,flip,... or none.",
        None,
        check=words,
        absent="the recipe's",
    )
    mixup_alpha: float | None = setting(
        "Blend each image of a batch with another, by shares from Beta(alpha, alpha); 0 does not.",
        None,
        check=_not_negative,
        absent="the recipe's",
    )
    cutmix_alpha: float | None = setting(
        "Paste a part of another image into each, by such shares of the area; 0 does not. With "
        "both, each batch takes one of the two at random.",
        None,
        check=_not_negative,
        absent="the recipe's",
    )
    seed: int = setting(
        "Seeds the weights, the order of the data and the augmentation.",
        0,
        check=validate.seed,
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
    option: tuple[str, ...] = setting(OPTION_DOC, (), check=words)
    strategy: str = word(
        "What trains: one cpu or gpu, all GPUs of this machine (mirrored), all processes that the "
        "variable TF_CONFIG names (multi_worker), or a tpu; auto takes the most there is.",
        "auto",
        *_STRATEGIES,
    )
    sync_batch_norm: bool = setting(
        "Let batch normalisation see the images of all devices, not of its own alone.",
        False,
        check=validate.boolean,
    )
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
    profile_steps: tuple[int, ...] | None = setting(
        "The first and the last batch of the run, counted from 1, in which to record for "
        "TensorBoard's profiler what takes how long: 10,20.",
        None,
        check=_first_and_last,
        absent="none",
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
