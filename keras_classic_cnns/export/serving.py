"""Loads an exported model and calls it, as TensorFlow Serving would."""

import os
from collections.abc import Callable
from typing import Any

import keras

from keras_classic_cnns.core import validate

SIGNATURE = "serve_uint8"


def load_served(path: str | os.PathLike) -> Callable[..., dict[str, Any]]:
    """Loads the signature `serve_uint8` of a SavedModel.

    A SavedModel is a program: calling it runs whatever its graph holds, file operations
    included. Load only those that you trust.

    Args:
        path: The folder that holds `saved_model.pb`.

    Returns:
        A function of `image`, uint8 of shape `(batch, height, width, channels)`, that gives the
        outputs described in `saved_model` by name.

    Raises:
        ValueError: There is no such signature.
    """
    try:
        return keras.layers.TFSMLayer(str(path), call_endpoint=SIGNATURE).call_endpoint_fn
    except ValueError as error:
        raise ValueError(
            f"The SavedModel must have the signature {SIGNATURE}, as those of `export` do. "
            f"{validate.received('path', str(path))}"
        ) from error
