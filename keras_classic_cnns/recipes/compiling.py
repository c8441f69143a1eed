"""From a recipe to what plain `fit` takes; see `Recipe.compile` and `Recipe.datasets`."""

import os
from typing import Any

import keras

from keras_classic_cnns.application.auxiliary import (
    aux_loss_weights,
    with_aux_labels,
    without_aux,
)
from keras_classic_cnns.application.classifier import read_head
from keras_classic_cnns.application.device_scaling import scale_in_steps
from keras_classic_cnns.application.heads import MAIN
from keras_classic_cnns.core import validate
from keras_classic_cnns.recipes.decay import has_replicas
from keras_classic_cnns.recipes.execution import Execution
from keras_classic_cnns.recipes.loss_scaling import SharedLossScaleOptimizer
from keras_classic_cnns.recipes.losses import LabelAccuracy, LabelCrossentropy, LabelTopK
from keras_classic_cnns.weights import preprocessing_for

# A top-5 figure says something only where there are clearly more classes than five.
TOP5_FROM_CLASSES = 20


def compile_classifier(
    model: keras.Model, optimizer: Any, label_smoothing: float, **arguments: Any
) -> None:
    """Compiles a classifier with the loss and metrics that fit its head.

    Args:
        model: A classifier, with or without auxiliary heads.
        optimizer: The optimizer.
        label_smoothing: The share of the target given to all classes alike, in `[0, 1)`.
        **arguments: Of `Model.compile`.
    """
    weights = aux_loss_weights(model)
    head = read_head(without_aux(model))
    metrics: Any = [LabelAccuracy(name="accuracy")]
    if head.classes >= TOP5_FROM_CLASSES:
        metrics.append(LabelTopK(5, name="top5"))
    loss: Any = LabelCrossentropy(label_smoothing, head.logits)
    if has_aux := len(weights) > 1:
        loss, metrics = dict.fromkeys(weights, loss), {MAIN: metrics}
    if model.dtype_policy.name == "mixed_float16" and has_replicas(optimizer):
        optimizer = SharedLossScaleOptimizer(optimizer, name="loss_scale_optimizer")
    model.compile(
        optimizer=optimizer,
        loss=loss,
        loss_weights=weights if has_aux else None,
        metrics=metrics,
        **arguments,
    )


def fit_arguments(
    recipe: Any,
    model: keras.Model,
    train: Any,
    evaluation: Any,
    *,
    seed: int,
    execution: Execution,
    on_device: bool,
    max_damaged: float,
    evaluation_batch_size: int,
) -> dict[str, Any]:
    """The arguments of `fit`; see `Recipe.datasets`."""
    from keras_classic_cnns import data  # only here: TFDS is slow to import

    train, evaluation = _opened(train, evaluation, seed)
    classes = read_head(without_aux(model)).classes
    if classes != len(train.labels):
        raise ValueError(
            f"The model tells {classes} classes apart and the training data ({train.name}, "
            f"{train.split}) have {len(train.labels)}. Build it with classes={len(train.labels)}. "
            f"{validate.received('model.name', model.name)}"
        )
    train = data.labels.checked(train)
    if evaluation is not None:
        data.labels.check_same_classes(train, evaluation)
        evaluation = data.labels.checked(evaluation)
    height, width, channels = _fixed_shape(model)
    mode = preprocessing_for(model)
    if validate.boolean("on_device", on_device):
        scale_in_steps(model, mode)
    batches = {
        "image_size": (height, width),
        "channels": channels,
        "preprocessing": None if on_device else mode,
        "batch_size": recipe.batch_size,
        "max_damaged": max_damaged,
    }
    stream = data.train_batches(
        train,
        **batches | ({"preprocessing": mode} if recipe.mixing else {}),
        augment=data.augment.for_channels(recipe.augment, channels),
        mixing=recipe.mixing,
        seed=seed,
    )
    arguments = {
        "x": with_aux_labels(execution.in_parts(stream, recipe.batch_size), model),
        "steps_per_epoch": execution.batches(
            data.steps_per_epoch(train, recipe.batch_size), recipe.batch_size
        ),
        "epochs": recipe.epochs,
        "shuffle": False,
    }
    if evaluation is not None:
        shown = batches | {"batch_size": evaluation_batch_size}
        validation = data.eval_batches(evaluation, **shown, crop_fraction=recipe.crop_fraction)
        arguments["validation_data"] = with_aux_labels(validation, model)
    return arguments


def _fixed_shape(model: keras.Model) -> tuple[int, int, int]:
    _, height, width, channels = model.input_shape
    if height is None or width is None:
        raise ValueError(
            "The model must be built for one size: input_shape=(224, 224, 3). "
            f"{validate.received('model.input_shape', model.input_shape)}"
        )
    return height, width, channels


def _opened(train: Any, evaluation: Any, seed: int) -> tuple[Any, Any]:
    """The sources of training and validation data, the latter `None` where there are none."""
    from keras_classic_cnns import data

    train = _source_or_name("train", train)
    is_name = isinstance(train, str)
    if evaluation is None:
        split = data.evaluation_split(train) if is_name else None
        evaluation = data.load(train, split) if split else None
    elif isinstance(name := _source_or_name("evaluation", evaluation), str):
        split = data.evaluation_split(name)
        if split is None and name == (train if is_name else train.name):
            raise ValueError(
                "The set has neither a validation nor a test split. Hold a part of it back: "
                "data.load(name, 'train[:90%]') and 'train[90%:]'. "
                f"{validate.received('evaluation', evaluation)}"
            )
        evaluation = data.load(name, split or "train")
    if is_name:
        train = data.load(train, "train", seed=seed, shuffle_files=True)
    return train, evaluation


def _source_or_name(argument: str, value: Any) -> Any:
    from keras_classic_cnns import data

    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, str | data.Source):
        return value
    raise TypeError(
        f"`{argument}` must be the name of a set, the path of a folder, or a source of data.load, "
        f"data.from_arrays or data.from_tfrecords. {validate.received(argument, value)}"
    )
