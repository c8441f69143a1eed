"""Scaling of pixels within the steps of a model, on the device that computes them."""

import functools
from collections.abc import Callable
from typing import Any

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.preprocessing import Preprocessing, get_mode, preprocess

_STEPS = ("train_step", "test_step", "predict_step")


def scale_in_steps(model: keras.Model, preprocessing: str | Preprocessing) -> None:
    """Lets `fit`, `evaluate` and `predict` of a model take bytes, and scale them on its device.

    A batch of bytes is a quarter of one of floats on its way to a GPU or TPU. Floats pass as they
    are, as if scaled before. It belongs to this object: a call of the model takes scaled images,
    and so do models that are made of it, by saving and loading, cloning or `without_aux`.

    Args:
        model: A functional model of one input, of images.
        preprocessing: How it expects its pixels: a mode of `keras_classic_cnns.preprocessing`, or
            a record.

    Raises:
        TypeError: `model` is not a functional `keras.Model` of one input. In a step: the images
            are neither uint8 nor floats.
        ValueError: The mode is unknown.

    Example:
        >>> import numpy as np
        >>> from keras_classic_cnns import LeNet5
        >>> model = LeNet5(weights=None)
        >>> scale_in_steps(model, "lenet")
        >>> model.predict(np.zeros((1, 32, 32, 1), np.uint8), verbose=0).shape
        (1, 10)
    """
    if not isinstance(model, keras.Model) or len(getattr(model, "inputs", None) or ()) != 1:
        raise TypeError(
            "`model` must be a functional keras.Model of one input. "
            f"{validate.received('model', model)}"
        )
    mode = get_mode(preprocessing, "preprocessing")
    for name in _STEPS:
        step = getattr(model, name)
        setattr(model, name, _scaling(getattr(step, "without_scaling", step), mode))
    # functions that were traced before hold the steps of before
    model.train_function = model.test_function = model.predict_function = None


def _scaling(step: Callable[[Any], Any], mode: Preprocessing) -> Callable[[Any], Any]:
    def scaled(images: Any) -> Any:
        dtype = keras.backend.standardize_dtype(images.dtype)
        if "float" in dtype:
            return images
        if dtype != "uint8":
            raise TypeError(
                "Images must be uint8, which the step scales, or floats, which were scaled "
                f"before. {validate.received('images.dtype', dtype)}"
            )
        return preprocess(images, mode)

    @functools.wraps(step)
    def scaled_step(batch: Any) -> Any:
        images, *labels = batch if isinstance(batch, tuple | list) else (batch,)
        return step((keras.tree.map_structure(scaled, images), *labels))

    scaled_step.without_scaling = step
    return scaled_step
