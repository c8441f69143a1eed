"""The layers of a file of Keras 3, by the names that the file gives them.

Keras writes the weights of a layer as `0`, `1`, ... into a group `vars` that carries the name of
the layer; the group around it is called by its class and number, `conv2d_3`.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from keras_classic_cnns.weights.readers._h5_strings import check_strings
from keras_classic_cnns.weights.readers._h5_tree import DAMAGES, child, numbers, walk
from keras_classic_cnns.weights.readers._limits import Budget, Unreadable, head, reported, shown
from keras_classic_cnns.weights.readers.keras_h5 import WEIGHTS_MEMBER
from keras_classic_cnns.weights.readers.zip_members import MAGIC, extracted, opened

_LAYERS, _VARIABLES, _NAME = "layers", "vars", "name"
_NUMBERED = re.compile(r"_\d+$")


class StoredLayer(NamedTuple):
    """A layer of a file.

    Args:
        kind: Its class in snake case; of a sublayer, the attribute that it is.
        arrays: Its own weights, in their order.
    """

    kind: str
    arrays: list[np.ndarray]


def read_layers(path: str | os.PathLike) -> dict[str, StoredLayer]:
    """Reads the layers of a `.keras` or `.weights.h5` file, also those without weights.

    Args:
        path: The file.

    Returns:
        The layers by name, sublayers as `block/layer1/conv`.

    Raises:
        WeightsFileError: The file is damaged, none of Keras 3, or does not name its layers.

    Example:
        >>> import keras
        >>> image = keras.Input((4,))
        >>> model = keras.Model(image, keras.layers.Dense(2, name="predictions")(image))
        >>> model.save_weights("net.weights.h5")
        >>> read_layers("net.weights.h5")["predictions"].arrays[0].shape
        (4, 2)
    """
    path = Path(path)
    with reported(path), _weights_file(path) as file:
        return _read(file)


@contextlib.contextmanager
def _weights_file(path: Path) -> Iterator[Path]:
    """The HDF5 file inside of a `.keras` archive, or the file itself."""
    if not head(path).startswith(MAGIC):
        yield path
        return
    with opened(path) as archive, extracted(archive, WEIGHTS_MEMBER) as file:
        yield file


def _read(path: Path) -> dict[str, StoredLayer]:
    budget = Budget(path.stat().st_size)
    names: dict[str, str] = {}
    arrays: dict[str, dict[str, np.ndarray]] = {}
    try:
        check_strings(path, (_NAME.encode(),))
        with h5py.File(path, "r") as file:
            for place, node in walk(child(file, _LAYERS)):
                owner, _, last = place.rpartition("/")
                if last == _VARIABLES:
                    names[owner] = _name(node, budget)
                elif isinstance(node, h5py.Dataset):
                    owner = owner.removesuffix(f"/{_VARIABLES}")
                    array = numbers(node, f"The variable {shown(place)}", budget)
                    arrays.setdefault(owner, {})[last] = array
    except DAMAGES as error:
        raise Unreadable(f"It is a damaged HDF5 file: {error}.") from error
    if names and not any(names.values()):
        raise Unreadable(
            "It does not say what its layers are called, so an older Keras wrote it. Build the "
            "model without weights, call its load_weights(path) and save it again."
        )
    return {
        _full_name(owner, names): StoredLayer(
            _NUMBERED.sub("", owner.rpartition("/")[2]), _in_order(arrays.get(owner, {}))
        )
        for owner in names
    }


def _full_name(owner: str, names: dict[str, str]) -> str:
    """The name of a layer behind those of the layers that it is in."""
    parts = owner.split("/")
    around = ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    return "/".join(names[place] for place in around if place in names)


def _in_order(arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    return [arrays[index] for index in sorted(arrays, key=lambda index: (len(index), index))]


def _name(group: Any, budget: Budget) -> str:
    """The attribute `name` of a group; nothing where an older Keras left it out."""
    if _NAME not in group.attrs:
        return ""
    stored = group.attrs.get_id(_NAME)
    if stored.shape != () or not h5py.check_string_dtype(stored.dtype):
        raise Unreadable("The name of a layer is no text.")
    budget.spend(stored.dtype.itemsize, "The name of a layer")
    text = group.attrs[_NAME]
    return text.decode("utf-8") if isinstance(text, bytes) else text
