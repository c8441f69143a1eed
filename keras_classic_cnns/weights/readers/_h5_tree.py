"""The tree of an HDF5 file, walked without leaving the file."""

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from keras_classic_cnns.weights.readers._limits import (
    BFLOAT16,
    Budget,
    Unreadable,
    check_type,
    count,
    shown,
)

# What h5py raises where a file is damaged
DAMAGES = (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError)

_OPAQUE = np.dtype("V2")  # what h5py makes of bfloat16


def walk(root: h5py.Group) -> Iterator[tuple[str, Any]]:
    """All groups and datasets under a group, with their paths from it.

    Raises:
        Unreadable: Something is in two places, or not in the file itself.
    """
    waiting = [("", root)]
    seen = set()
    while waiting:
        path, node = waiting.pop()
        address = h5py.h5o.get_info(node.id).addr
        if address in seen:
            raise Unreadable(f"It has {shown(path)} in two places.")
        seen.add(address)
        yield path, node
        if isinstance(node, h5py.Group):
            inner = [(f"{path}/{name}".lstrip("/"), child(node, name)) for name in node]
            waiting += reversed(inner)


def child(group: h5py.Group, path: str) -> Any:
    """What is in a group: found by hard links only, since others may lead to other files.

    Raises:
        Unreadable: It is not there.
    """
    node = group
    for name in path.split("/"):
        link = node.get(name, getlink=True) if isinstance(node, h5py.Group) else None
        if not isinstance(link, h5py.HardLink):
            raise Unreadable(f"It does not itself hold {shown(path)}.")
        node = node[name]
    return node


def numbers(dataset: Any, what: str, budget: Budget) -> np.ndarray:
    """The numbers of a dataset, of the type they are stored in.

    Raises:
        Unreadable: They are in another file, of no type of a weight, or more than the file holds.
    """
    if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
        raise Unreadable(f"{what} has no numbers.")
    if dataset.is_virtual or dataset.external:
        raise Unreadable(f"{what} has its numbers in another file.")
    is_bfloat16 = dataset.dtype == _OPAQUE
    if not is_bfloat16:
        check_type(dataset.dtype, what)
    nbytes = count(dataset.shape, what) * dataset.dtype.itemsize
    if dataset.chunks is None and nbytes > dataset.id.get_storage_size():
        raise Unreadable(f"{what} is larger than what is stored of it.")
    budget.spend(nbytes, what)
    stored = np.asarray(dataset[()])
    return stored.view(BFLOAT16) if is_bfloat16 else stored
