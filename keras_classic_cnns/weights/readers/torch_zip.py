"""What `torch.save` writes since version 1.6: a zip archive, of a pickle and of each storage."""

import zipfile

import numpy as np

from keras_classic_cnns.weights.readers import torch_pickle, torch_tensors, zip_members
from keras_classic_cnns.weights.readers._limits import Budget, Unreadable, shown

_PICKLE = "/data.pkl"
_TORCH_SCRIPT = "constants.pkl"
_BYTE_ORDERS = {b"little": "<", b"big": ">"}


def recognises(archive: zipfile.ZipFile) -> bool:
    """Whether an archive has one folder with a pickle."""
    return len(_pickles(archive)) == 1


def read(archive: zipfile.ZipFile) -> dict[str, np.ndarray]:
    """The tensors of a state dict.

    Raises:
        Unreadable: It is damaged, or holds something other than a state dict.
    """
    (pickle,) = _pickles(archive)
    folder = pickle.removesuffix("data.pkl")
    names = set(archive.namelist())
    if folder + _TORCH_SCRIPT in names:
        raise Unreadable("It is a TorchScript program, and not a state dict.")
    order = "<"
    if folder + "byteorder" in names:
        order = _byte_order(bytes(zip_members.read_member(archive, folder + "byteorder")))

    loaded = torch_pickle.load(bytes(zip_members.read_member(archive, pickle)))
    tensors = torch_tensors.state_dict(loaded)
    budget = Budget(sum(info.compress_size for info in archive.infolist()))
    for tensor in tensors.values():
        _check(archive, folder, tensor.storage)
        budget.spend(tensor.nbytes, "Its tensors")

    def numbers(storage: torch_tensors.Storage) -> np.ndarray:
        content = zip_members.read_member(archive, f"{folder}data/{storage.key}")
        return torch_tensors.as_numbers(content, storage, order)

    return torch_tensors.fill(tensors, numbers)


def _pickles(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.endswith(_PICKLE) and name.count("/") == 1]


def _byte_order(content: bytes) -> str:
    if content not in _BYTE_ORDERS:
        raise Unreadable(f"It has the byte order {shown(content[:16])}, which there is not.")
    return _BYTE_ORDERS[content]


def _check(archive: zipfile.ZipFile, folder: str, storage: torch_tensors.Storage) -> None:
    size = zip_members.size(archive, f"{folder}data/{storage.key}")
    if size != storage.nbytes:
        raise Unreadable(
            f"Its storage {shown(storage.key)} has {size:,} bytes instead of {storage.nbytes:,}."
        )
