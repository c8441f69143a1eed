"""What `torch.save` wrote before version 1.6: five pickles, then the storages one after another."""

import struct
from pathlib import Path
from typing import IO, Any

import numpy as np

from keras_classic_cnns.weights.readers import torch_pickle, torch_tensors
from keras_classic_cnns.weights.readers._limits import Budget, Unreadable, add, shown

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_PICKLE_PROTOCOLS = range(2, 6)
_LONGEST_LINE = 1024
_COUNT = struct.Struct("<q")


def recognises(head: bytes) -> bool:
    """Whether a file begins with a pickle; which one it is, `read` sees."""
    return len(head) > 1 and head[0] == 0x80 and head[1] in _PICKLE_PROTOCOLS


def read(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a state dict.

    Raises:
        Unreadable: It is damaged, or holds something other than a state dict.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        pickles = _Pickles(file, size)
        if torch_pickle.load(pickles) != _MAGIC:
            raise Unreadable("It is a pickle that torch.save did not write.")
        if torch_pickle.load(pickles) != _PROTOCOL:
            raise Unreadable("It is of an unknown version of torch.save.")
        torch_pickle.load(pickles)  # the machine it was written on; the numbers are the same
        storages: dict[str, torch_tensors.Storage] = {}
        tensors = torch_tensors.state_dict(torch_pickle.load(pickles, storages))
        places = _places(file, size, torch_pickle.load(pickles), storages)
        budget = Budget(size)
        for tensor in tensors.values():
            if tensor.storage.key not in places:
                raise Unreadable(f"Its storage {shown(tensor.storage.key)} is missing.")
            budget.spend(tensor.nbytes, "Its tensors")

        def numbers(storage: torch_tensors.Storage) -> np.ndarray:
            file.seek(places[storage.key])
            return torch_tensors.as_numbers(file.read(storage.nbytes), storage, "<")

        return torch_tensors.fill(tensors, numbers)


class _Pickles:
    """A file as the pickles at its beginning are read: never more than it has left at once."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._size = size

    def read(self, number: int) -> bytes:
        """Up to `number` bytes."""
        return self._file.read(max(0, min(number, self._size - self._file.tell())))

    def readline(self) -> bytes:
        """A line, or the beginning of one that is too long to be a name."""
        return self._file.readline(_LONGEST_LINE)


def _places(
    file: IO[bytes], size: int, keys: Any, storages: dict[str, torch_tensors.Storage]
) -> dict[str, int]:
    """Where the numbers of each storage begin: a storage is their count, in 8 bytes, and they."""
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise Unreadable("It has no list of storages.")
    places: dict[str, int] = {}
    place = file.tell()
    for key in keys:
        if key not in storages:
            raise Unreadable(f"It has a storage {shown(key)} that no tensor refers to.")
        storage = storages[key]
        end = place + _COUNT.size + storage.nbytes
        if end > size:
            raise Unreadable(f"It ends before the end of its storage {shown(key)}.")
        file.seek(place)
        (numel,) = _COUNT.unpack(file.read(_COUNT.size))
        if numel != storage.numel:
            raise Unreadable(
                f"Its storage {shown(key)} has {numel:,} numbers, not {storage.numel:,}."
            )
        add(places, key, place + _COUNT.size)
        place = end
    if place != size:
        raise Unreadable(f"It has {size - place:,} bytes behind its last storage.")
    return places
