"""Tells the format of a weights file by its content, and reads it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from keras_classic_cnns.core import validate
from keras_classic_cnns.weights.readers import (
    keras_h5,
    onnx_file,
    safetensors_file,
    torch_legacy,
    torch_zip,
    zip_members,
)
from keras_classic_cnns.weights.readers._limits import Unreadable, head, reported, shown

Reader = Callable[[Path], dict[str, np.ndarray]]

_TAR_MAGIC, _TAR_OFFSET = b"ustar", 257
_LISTED = 10
# Beside the zip archives, which hold any of these, or tensors of torch, or a Keras model
_READERS: tuple[tuple[Callable[[bytes], bool], Reader], ...] = (
    (keras_h5.recognises, keras_h5.read),
    (safetensors_file.recognises, safetensors_file.read),
    (torch_legacy.recognises, torch_legacy.read),
    (onnx_file.recognises, onnx_file.read),
)


def read_arrays(path: str | os.PathLike, member: str | None = None) -> dict[str, np.ndarray]:
    """Reads all arrays of a weights file, whatever its format and its ending.

    It knows safetensors, what `torch.save` writes of a state dict (both its formats), Keras's
    `.h5`, `.weights.h5` and `.keras`, the initialisers of ONNX, and any of these in a zip archive.
    Nothing that a file holds is ever run, and nothing is allocated before its size has been held
    against the file's.

    Args:
        path: The file.
        member: The member of a zip archive that is the weights file. Where the archive has
            just one member, it need not be named.

    Returns:
        Arrays by the key that the file has for them, in the order of the file. Floating-point
        numbers of any width are float32, integers and booleans stay what they are. Keys of Keras 2
        files are `<layer>/<variable>`, with the variable's usual name.

    Raises:
        WeightsFileError: The file is not there, of no known format, damaged, or holds what does
            not belong into a weights file.

    Example:
        >>> from safetensors.numpy import save_file
        >>> save_file({"fc.bias": np.zeros(10, np.float16)}, "net.safetensors")
        >>> read_arrays("net.safetensors")["fc.bias"].dtype
        dtype('float32')
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"`path` must be a path. {validate.received('path', path)}")
    if member is not None:
        validate.string("member", member)
    with reported(path):
        return _read(Path(path), member)


def _read(path: Path, member: str | None) -> dict[str, np.ndarray]:
    start = head(path)
    if not start.startswith(zip_members.MAGIC):
        if member is not None:
            raise Unreadable(f"It is no zip archive that could have a member {shown(member)}.")
        return _reader(start)(path)
    with zip_members.opened(path) as archive:
        if member is None and torch_zip.recognises(archive):
            return torch_zip.read(archive)
        if member is None and keras_h5.ARCHIVE_MEMBERS <= set(archive.namelist()):
            member = keras_h5.WEIGHTS_MEMBER
        with zip_members.extracted(archive, member or _only_member(archive)) as file:
            return _read_member(file)


def _read_member(file: Path) -> dict[str, np.ndarray]:
    """A member may be an archive of torch or Keras, but no archive of archives."""
    start = head(file)
    if not start.startswith(zip_members.MAGIC):
        return _reader(start)(file)
    with zip_members.opened(file) as archive:
        if torch_zip.recognises(archive):
            return torch_zip.read(archive)
        if keras_h5.ARCHIVE_MEMBERS <= set(archive.namelist()):
            with zip_members.extracted(archive, keras_h5.WEIGHTS_MEMBER) as inner:
                return keras_h5.read(inner)
    raise Unreadable("Its member is an archive again, and not one of torch or Keras.")


def _reader(start: bytes) -> Reader:
    for recognises, read in _READERS:
        if recognises(start):
            return read
    if start[_TAR_OFFSET:].startswith(_TAR_MAGIC):
        raise Unreadable(
            "It is a tar archive, as torch wrote before version 0.1.10: load it with torch and "
            "save it again."
        )
    raise Unreadable(
        "It is neither safetensors, nor of torch.save, nor HDF5 of Keras, nor ONNX, nor a zip "
        f"archive: it begins with {bytes(start[:16])!r}."
    )


def _only_member(archive: Any) -> str:
    names = zip_members.files(archive)
    if len(names) == 1:
        return names[0]
    listed = ", ".join(shown(name) for name in names[:_LISTED])
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    raise Unreadable(f"Name the `member` of the archive to read; it has {listed or 'none'}{more}.")
