"""Members of zip archives, read within bounds."""

import contextlib
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from keras_classic_cnns.weights.readers._limits import Budget, Unreadable, shown

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # what a zip archive begins with

_CHUNK = 1 << 20
_ENCRYPTED = 0x1
# The methods whose output zlib lets us take in pieces
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """An open archive whose members declare no more than the archive can hold.

    Args:
        path: The archive.

    Raises:
        Unreadable: It is damaged, or a zip bomb.
    """
    with open(path, "rb") as file:
        with _damage_reported():
            archive = zipfile.ZipFile(file)
        _check(archive, path.stat().st_size)
        yield archive


def files(archive: zipfile.ZipFile) -> list[str]:
    """The names of the members that are files."""
    return [info.filename for info in archive.infolist() if not info.filename.endswith("/")]


def size(archive: zipfile.ZipFile, name: str) -> int:
    """The bytes of a member.

    Raises:
        Unreadable: There is none of that name.
    """
    return _info(archive, name).file_size


def read_member(archive: zipfile.ZipFile, name: str) -> bytearray:
    """The content of a member.

    Args:
        archive: An archive from `opened`.
        name: The member.

    Raises:
        Unreadable: There is none of that name, or it is damaged.
    """
    info = _info(archive, name)
    content = bytearray(info.file_size)
    filled = 0
    for chunk in _chunks(archive, info):
        content[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    return content


@contextlib.contextmanager
def extracted(archive: zipfile.ZipFile, name: str) -> Iterator[Path]:
    """A member as a temporary file, which is private and goes away with the block.

    Args:
        archive: An archive from `opened`.
        name: The member. It does not name the file: it could lead anywhere.

    Raises:
        Unreadable: There is none of that name, or it is damaged.
    """
    info = _info(archive, name)
    with tempfile.NamedTemporaryFile(prefix="weights-") as file:
        for chunk in _chunks(archive, info):
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def _check(archive: zipfile.ZipFile, size: int) -> None:
    budget = Budget(size)
    infos = archive.infolist()
    if len({info.filename for info in infos}) != len(infos):
        raise Unreadable("It is an archive with two members of one name.")
    if sum(info.compress_size for info in infos) > size:
        raise Unreadable("It is an archive whose members overlap, or reach beyond its end.")
    for info in infos:
        what = f"The archive's member {shown(info.filename)}"
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
            raise Unreadable(f"{what} is encrypted, or compressed by another method than deflate.")
        budget.spend(info.file_size, what)


def _info(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError as error:
        raise Unreadable(f"It is an archive without the member {shown(name)}.") from error


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content in pieces: asked for all at once, zlib would unfold what was not declared."""
    left = info.file_size
    with _damage_reported(), archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            yield chunk
    if left:
        raise Unreadable(f"The archive's member {shown(info.filename)} is shorter than declared.")


@contextlib.contextmanager
def _damage_reported() -> Iterator[IO | None]:
    try:
        yield None
    except _DAMAGES as error:
        raise Unreadable(f"It is a damaged zip archive: {error}.") from error
