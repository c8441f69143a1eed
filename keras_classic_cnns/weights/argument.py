"""The argument `weights` of a constructor: what it may be, and how each kind is loaded."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_classic_cnns.core import validate
from keras_classic_cnns.preprocessing import MODES, Preprocessing
from keras_classic_cnns.registry import ModelSpec
from keras_classic_cnns.weights import catalog, store
from keras_classic_cnns.weights.bundled import (
    bundled_preprocessing,
    bundled_tags,
    bundled_weights,
)
from keras_classic_cnns.weights.convert import load_arrays
from keras_classic_cnns.weights.foreign import load_foreign
from keras_classic_cnns.weights.graph import first_kernels
from keras_classic_cnns.weights.key_map import get_key_map
from keras_classic_cnns.weights.layout import COLOURS
from keras_classic_cnns.weights.loading import ENDINGS, load_weights
from keras_classic_cnns.weights.preprocessing_file import read_preprocessing
from keras_classic_cnns.weights.readers import read_arrays
from keras_classic_cnns.weights.trained_with import (
    assume_preprocessing,
    remember_preprocessing,
)

# Files of other libraries, whose arrays have other names; what is in a file says how to read it
FOREIGN = (".safetensors", ".pth", ".pt", ".bin", ".h5", ".onnx")

Loader = Callable[[Any, list[Any]], None]
_Load = Callable[[Any, list[Any], bool], None]  # the same, before `adapt_input` is known


def weights_loader(
    weights: Any, spec: ModelSpec, options: Mapping[str, Any], adapt_input: bool = False
) -> Loader | None:
    """Checks the `weights` argument before anything is built.

    Args:
        weights: `None`, the path of a file, or the name of public weights.
        spec: The record of the model.
        options: The model's options.
        adapt_input: Whether the first kernel is adapted to images of another number of channels.

    Returns:
        `loader(model, head)`, which loads them into the freshly built model, whose layers `head`
        come behind its body, and notes how images were scaled for them; or `None`.

    Raises:
        TypeError: Neither `None` nor a path or name, or `adapt_input` is no boolean.
        ValueError: A name that there is not, or a file that is not there.
    """
    validate.boolean("adapt_input", adapt_input)
    if weights is None:
        return None
    load, preprocessing = _source(weights, spec, options)

    def load_and_note(model: Any, head: list[Any]) -> None:
        load(model, head, adapt_input)
        if preprocessing is None:
            assume_preprocessing(model, spec.preprocessing)
        else:
            remember_preprocessing(model, preprocessing)

    return load_and_note


def weights_preprocessing(
    weights: Any, spec: ModelSpec, options: Mapping[str, Any]
) -> Preprocessing:
    """How images are scaled for a model with certain weights, which are not loaded for that.

    Args:
        weights: As in `weights_loader`.
        spec: The record of the model.
        options: The model's options.

    Returns:
        The record of the weights; the default of the family where they have none.

    Raises:
        TypeError, ValueError: As in `weights_loader`.
    """
    known = None if weights is None else _source(weights, spec, options)[1]
    return known or MODES[spec.preprocessing]


def _source(
    weights: Any, spec: ModelSpec, options: Mapping[str, Any]
) -> tuple[_Load, Preprocessing | None]:
    """How weights are loaded, and how images were scaled for them, where that is known."""
    if not isinstance(weights, str | os.PathLike):
        raise TypeError(
            f"`weights` must be None, the path of a file or the name of public weights. "
            f"{validate.received('weights', weights)}"
        )
    path = Path(weights).expanduser()
    if path.name.endswith(ENDINGS + FOREIGN):
        if not path.is_file():
            raise ValueError(
                f"The file of `weights` does not exist. "
                f"{validate.received('weights', str(weights))}"
            )
        recorded = read_preprocessing(path)
        if path.name.endswith(ENDINGS):
            return lambda model, head, adapts: load_weights(model, path, head, adapts), recorded
        usual = recorded or catalog.usual_preprocessing(spec, options)
        return lambda model, head, adapts: load_foreign(model, path, spec, options, adapts), usual
    if len(path.parts) > 1 or path.exists():
        raise ValueError(
            f"A file of weights must end with {', '.join(ENDINGS + FOREIGN)}. "
            f"{validate.received('weights', str(weights))}"
        )
    bundled = bundled_weights(spec.name, weights, options)
    if bundled is not None:
        recorded = bundled_preprocessing(spec.name, weights)
        return lambda model, head, adapts: load_weights(model, bundled, head, adapts), recorded
    tags = bundled_tags(spec.name)
    if tags and not catalog.list_weights(spec.name):
        raise ValueError(
            f"{spec.constructor} has no weights of this name. It has "
            f"{', '.join(map(repr, tags))}. {validate.received('weights', weights)}"
        )
    entry = catalog.find(spec.name, str(weights), options)
    return lambda model, head, adapts: _load_public(model, entry, adapts), entry.preprocessing


def _load_public(model: Any, entry: catalog.Entry, adapt_input: bool) -> None:
    """Loads weights of the catalog, which are downloaded once."""
    channels = _other_channels(model)
    if channels is not None and not adapt_input:
        raise ValueError(
            f"The {entry.tag!r} weights are for coloured images, of {COLOURS} channels. "
            "`adapt_input=True` adapts the first kernel, `weights=None` starts at random. "
            f"{validate.received('channels', channels)}"
        )
    arrays = read_arrays(store.fetch(entry.file))
    key_map = get_key_map(entry.key_map)
    load_arrays(model, arrays, key_map, skip_head=True, adapt_input=adapt_input)


def _other_channels(model: Any) -> int | None:
    """How many channels the images have, where they are not coloured."""
    first = first_kernels(model)
    found = (weight.shape[-2] for weight in model.weights if weight.path in first)
    return next((channels for channels in found if channels != COLOURS), None)
