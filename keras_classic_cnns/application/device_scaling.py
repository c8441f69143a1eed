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
    are, as if scaled before. The graph stays what it is: nothing of this is saved, and a call of
    the model takes scaled images.

    Args:
        model: A model of one input, of images.
        preprocessing: How it expects its pixels: a mode of `keras_classic_cnns.preprocessing`, or
            a record.

    Raises:
        TypeError: `model` is not a `keras.Model`.
        ValueError: The mode is unknown.

    Example:
        >>> import numpy as np
        >>> from keras_classic_cnns import LeNet5
        >>> model = LeNet5(weights=None)
        >>> scale_in_steps(model, "lenet")
        >>> model.predict(np.zeros((1, 28, 28, 1), np.uint8), verbose=0).shape
        (1, 10)
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    mode = get_mode(preprocessing, "preprocessing")
    for name in _STEPS:
        step = getattr(model, name)
        setattr(model, name, _scaling(getattr(step, "__wrapped__", step), mode))
    # what was traced before knows nothing of it
    model.train_function = model.test_function = model.predict_function = None


def _scaling(step: Callable[[Any], Any], mode: Preprocessing) -> Callable[[Any], Any]:
    @functools.wraps(step)
    def scaled_step(batch: Any) -> Any:
        images, *rest = batch if isinstance(batch, tuple) else (batch,)
        if keras.backend.standardize_dtype(images.dtype) == "uint8":
            images = preprocess(images, mode)
        return step((images, *rest))

    return scaled_step
