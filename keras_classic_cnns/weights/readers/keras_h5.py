"""The HDF5 files of Keras: what version 2 saves, and what version 3 does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from keras_classic_cnns.weights.readers._h5_strings import check_strings
from keras_classic_cnns.weights.readers._h5_tree import DAMAGES, child, numbers, walk
from keras_classic_cnns.weights.readers._limits import (
    Budget,
    Unreadable,
    add,
    count,
    plain,
    shown,
)

WEIGHTS_MEMBER = "model.weights.h5"
ARCHIVE_MEMBERS = frozenset({"config.json", WEIGHTS_MEMBER})

# The attributes that list the layers of a file, and the variables of a layer
_LAYERS, _VARIABLES = "layer_names", "weight_names"
_OF_NO_LAYER = "top_level_model_weights"
_MAGIC = b"\x89HDF\r\n\x1a\n"
# What Keras 1 and 2 call a variable, after the name of its layer
_VARIABLE = re.compile(
    r"(?:^|_)(depthwise_kernel|pointwise_kernel|kernel|bias|gamma|beta|moving_mean"
    r"|moving_variance|running_mean|running_std|W|b)(?:_\d+)?$"
)
_OLD_NAMES = {
    "W": "kernel",
    "b": "bias",
    "running_mean": "moving_mean",
    "running_std": "moving_variance",  # of Keras 1, which called the variance so
}


def recognises(head: bytes) -> bool:
    """Whether a file begins as HDF5 files do."""
    return head.startswith(_MAGIC)


def read(path: Path) -> dict[str, np.ndarray]:
    """The variables of a weights file, or of the weights in a whole model's file.

    Raises:
        Unreadable: It is damaged, is no file of Keras, or has its numbers in another file.
    """
    budget = Budget(path.stat().st_size)
    arrays: dict[str, np.ndarray] = {}
    try:
        check_strings(path, (_LAYERS.encode(), _VARIABLES.encode()))
        with h5py.File(path, "r") as file:
            root = child(file, "model_weights") if "model_weights" in file else file
            named = _names(root, _LAYERS, budget)
            found = _by_layer(root, named, budget) if named is not None else _datasets(root)
            for key, dataset in found:
                what = f"The variable {shown(key)}"
                add(arrays, key, plain(numbers(dataset, what, budget), what))
    except DAMAGES as error:
        raise Unreadable(f"It is a damaged HDF5 file: {error}.") from error
    if not arrays:
        raise Unreadable("It is an HDF5 file without the variables of a Keras model.")
    return arrays


def _by_layer(
    root: h5py.Group, layers: list[str], budget: Budget
) -> Iterator[tuple[str, h5py.Dataset]]:
    """The variables of a file of Keras 2, which lists layers, and the variables of each."""
    more = [_OF_NO_LAYER] if _OF_NO_LAYER in root else []
    for layer in layers + more:
        group = child(root, layer)
        names = _names(group, _VARIABLES, budget)
        if names is None:
            raise Unreadable(f"The layer {shown(layer)} does not list its variables.")
        for key, name in zip(_keys(layer, names), names, strict=True):
            yield key, child(group, name)


def _keys(layer: str, names: list[str]) -> list[str]:
    """`<layer>/<variable>`, or the whole path where a layer has layers of its own."""
    scopes = {name.rpartition("/")[0] for name in names}
    # the name of a layer may stand in a scope, without being inside of another layer
    is_flat = len(scopes) <= 1 and all("/" not in s or s.endswith(f"/{layer}") for s in scopes)
    short = [f"{layer}/{_variable(name)}" for name in names]
    if is_flat and len(set(short)) == len(short):
        return short
    return [f"{layer}/{name.removesuffix(':0')}" for name in names]


def _variable(name: str) -> str:
    last = name.rpartition("/")[2].removesuffix(":0")
    match = _VARIABLE.search(last)
    return _OLD_NAMES.get(match[1], match[1]) if match else last


def _datasets(root: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    """All datasets with their paths, as files of Keras 3 have them."""
    return ((path, node) for path, node in walk(root) if isinstance(node, h5py.Dataset))


def _names(group: Any, attribute: str, budget: Budget) -> list[str] | None:
    """A list of names, which Keras cuts into several attributes where it is long."""
    if attribute in group.attrs:
        return _texts(group, attribute, budget)
    names, index = [], 0
    while f"{attribute}{index}" in group.attrs:
        names += _texts(group, f"{attribute}{index}", budget)
        index += 1
    return names if index else None


def _texts(group: Any, attribute: str, budget: Budget) -> list[str]:
    what = f"The attribute {attribute}"
    stored = group.attrs.get_id(attribute)
    budget.spend(count(stored.shape, what) * stored.dtype.itemsize, what)
    if stored.shape == (0,):  # of no type in particular
        return []
    if len(stored.shape) != 1 or not h5py.check_string_dtype(stored.dtype):
        raise Unreadable(f"{what} has no names.")
    texts = group.attrs[attribute].tolist()
    return [text.decode("utf-8") if isinstance(text, bytes) else text for text in texts]
