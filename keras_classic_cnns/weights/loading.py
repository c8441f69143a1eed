"""Loads a weights file into a freshly built model.

Keras's own loader finds a layer by its class and its number among the layers of that class, so a
net with one layer more, an auxiliary head or a dropout, gets the weights of others or none. Its
files also say what each layer is called, and by that name they are read here.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from keras_classic_cnns.core import validate
from keras_classic_cnns.weights.graph import first_kernels
from keras_classic_cnns.weights.layout import COLOURS, adapt_input_kernel
from keras_classic_cnns.weights.readers import StoredLayer, read_layers

ENDINGS = (".keras", ".weights.h5")
# They pass on what they get when the net is used, so it is the same net with them and without
TRAINING_ONLY = {"Dropout": "dropout", "ScheduledDropPath": "scheduled_drop_path"}

_log = logging.getLogger(__name__)


def load_weights(model: Any, path: Path, head: list[Any], adapt_input: bool = False) -> None:
    """Loads a file into a model, layer by layer, by their names; all of the body must fit.

    A layer of the head that does not fit (the classifier of a file with other classes, an
    auxiliary head that the file does not have) keeps its random weights, and a warning names it.
    Nothing changes unless the body fits and everything could be read.

    Args:
        model: A freshly built model.
        path: A `.keras` or `.weights.h5` file of the same architecture.
        head: The layers after the body, which may stay behind.
        adapt_input: Whether the first kernel is adapted to images of another number of channels,
            see `weights.layout.adapt_input_kernel`.

    Raises:
        ValueError: The file is not readable, or more than the head differs.
    """
    ours = _own_weights(model)
    first = first_kernels(model)
    stored = _unwrapped(read_layers(path), next(iter(ours), ""))
    _check_layers(model, stored, path)
    misfits = _misfits(ours, stored, first, adapt_input)
    optional = {layer.name for layer in model.layers if _is_training_only(layer)}
    needed = misfits.keys() - optional - {layer.name for layer in head}
    if needed:
        reason = next(misfits[name] for name in misfits if name in needed)
        raise ValueError(
            f"The file does not hold the weights of this model ({model.name}): {reason}. "
            f"{validate.received('weights', str(path))}"
        )
    values = [
        (variable, _fitted(array, variable))
        for owner, variables in ours.items()
        if _top(owner) not in misfits
        for variable, array in zip(variables, stored[owner].arrays, strict=True)
    ]
    for variable, value in values:
        variable.assign(value)
    if left := [name for name in misfits if name not in optional]:
        _log.warning(
            "%s: all weights were loaded but those of %s, which start at random: %s.",
            path,
            ", ".join(map(repr, left)),
            "; ".join(misfits[name] for name in left),
        )


def _unwrapped(stored: dict[str, StoredLayer], first: str) -> dict[str, StoredLayer]:
    """Where the net is a layer of the file's model, its layers by their own names as well."""
    if first in stored:
        return stored
    prefix = next((name.removesuffix(first) for name in stored if name.endswith(f"/{first}")), "")
    inner = {name.removeprefix(prefix): stored[name] for name in stored if name.startswith(prefix)}
    return {**stored, **inner}


def _own_weights(model: Any) -> dict[str, list[Any]]:
    """The variables of a model by the layer or sublayer they belong to, named as in a file."""
    owners: dict[str, list[Any]] = {}
    for layer in model.layers:
        for variable in layer.weights:
            inner = variable.path.removeprefix(layer.path)
            owners.setdefault(layer.name + inner.rpartition("/")[0], []).append(variable)
    return owners


def _check_layers(model: Any, stored: dict[str, StoredLayer], path: Path) -> None:
    """Compares the names of stem and stages: nets with other layers may have equal shapes."""
    ours = {layer.name for layer in model.layers if not _is_training_only(layer)}
    theirs = {
        name
        for name, layer in stored.items()
        if name == _top(name) and layer.kind not in TRAINING_ONLY.values()
    }
    differing = sorted(name for name in ours ^ theirs if name.startswith(("stem_", "stage")))
    if differing:
        raise ValueError(
            f"The file is of another architecture than {model.name}: only one of them has the "
            f"layer {differing[0]!r}. {validate.received('weights', str(path))}"
        )


def _misfits(
    ours: dict[str, list[Any]], stored: dict[str, StoredLayer], first: set[str], adapt_input: bool
) -> dict[str, str]:
    """The layers of ours that the file cannot fill, and why.

    With `adapt_input` it fills a kernel of `first`, paths, if only the channels differ.
    """
    reasons: dict[str, str] = {}
    for owner, variables in ours.items():
        if owner not in stored:
            reasons.setdefault(_top(owner), f"the file has no layer {owner!r}")
            continue
        here = {variable.path: tuple(variable.shape) for variable in variables}
        there = [array.shape for array in stored[owner].arrays]
        if list(here.values()) == there:
            continue
        reason = (
            f"the weights of {owner!r} have the shapes {list(here.values())}, in the file {there}"
        )
        if there == [_coloured(shape) if path in first else shape for path, shape in here.items()]:
            if adapt_input:
                continue
            reason += " (`adapt_input=True` adapts the kernel to the channels of the images)"
        reasons.setdefault(_top(owner), reason)
    return reasons


def _coloured(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a first kernel, for coloured images."""
    *window, _, filters = shape
    return (*window, COLOURS, filters)


def _fitted(array: np.ndarray, variable: Any) -> np.ndarray:
    """An array as the variable needs it."""
    if array.shape != tuple(variable.shape):
        array = adapt_input_kernel(array, variable.shape[-2])
    return array.astype(variable.dtype)


def _is_training_only(layer: Any) -> bool:
    return type(layer).__name__ in TRAINING_ONLY


def _top(name: str) -> str:
    """The layer of the model that a sublayer is in."""
    return name.partition("/")[0]
