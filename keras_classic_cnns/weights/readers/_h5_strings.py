"""Checks that HDF5 itself does not make before it reads strings of variable length.

Such a string is a length, and a place in a global heap. The library (1.14.6 was looked at)
allocates what the length says, up to 4 GiB, before it looks into the heap; and in the heap it goes
from object to object by their sizes, round in circles for ever where one is zero. The lists of
names in files of Keras are such strings, so both are looked at here, in the bytes of the file.
"""

import mmap
import struct
from pathlib import Path

from keras_classic_cnns.weights.readers._limits import Unreadable, count

_LONGEST_INTEGERS = 8
# Where the superblock has the bytes of an address and of a size, by its version
_INTEGERS = {0: (13, 14), 1: (13, 14), 2: (9, 10), 3: (9, 10)}
_SMALLEST = 64

_HEAP_SIGNATURE = b"GCOL\x01"
_HEAP = struct.Struct("<8xQ")  # signature, version, and the size of the heap, all in bytes
_OBJECT = struct.Struct("<H6xQ")  # index, count of references, and the size of what follows

# Version, flags, and the sizes of the name, the type and the shape of an attribute, which follow.
# Version 3 has one byte more before the name; version 1 pads each of them.
_ATTRIBUTE = struct.Struct("<BBHHH")
_BEFORE_NAME = {1: (0, 8), 2: (0, 1), 3: (1, 1)}
# Version and rank of a shape, whose dimensions follow after so many bytes in all
_SHAPE_HEADERS = {1: 8, 2: 4}
_DIMENSION = struct.Struct("<Q")
_VARIABLE_LENGTH = 9
_STRING = struct.Struct("<I12x")  # the length, and the place


def check_strings(path: Path, attributes: tuple[bytes, ...]) -> None:
    """Checks every global heap of an HDF5 file, and the lengths of strings in attributes.

    Args:
        path: The file, which has the signature of HDF5.
        attributes: What the names of the attributes begin with.

    Raises:
        Unreadable: The strings would take more than the file has, or for ever to read; or the file
            is laid out so that it cannot be told.
    """
    with open(path, "rb") as file:
        try:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise Unreadable(f"It cannot be read: {error}.") from error
    with content:
        places = _INTEGERS.get(content[8]) if len(content) > _SMALLEST else None
        if places is None or any(content[place] != _LONGEST_INTEGERS for place in places):
            raise Unreadable("It is an HDF5 file that is damaged, or of an uncommon kind.")
        for place in _occurrences(content, _HEAP_SIGNATURE):
            _check_heap(content, place)
        for attribute in attributes:
            for place in _occurrences(content, attribute):
                _check_attribute(content, place)


def _occurrences(content: mmap.mmap, sought: bytes) -> list[int]:
    places = []
    place = content.find(sought)
    while place >= 0:
        places.append(place)
        place = content.find(sought, place + 1)
    return places


def _check_heap(content: mmap.mmap, start: int) -> None:
    if start + _HEAP.size > len(content):
        return
    end = start + _HEAP.unpack_from(content, start)[0]
    if end > len(content):  # no heap, but numbers that look like one; else HDF5 says so
        return
    place = start + _HEAP.size
    while place + _OBJECT.size <= end:
        index, size = _OBJECT.unpack_from(content, place)
        # free space, which has the index 0, counts its own header
        step = _OBJECT.size + _padded(size, 8) if index else size
        if not step or place + step > end:
            raise Unreadable("It is a damaged HDF5 file: a heap of strings without an end.")
        place += step


def _check_attribute(content: mmap.mmap, place: int) -> None:
    """Checks an attribute's strings, given where its name is."""
    for version, (extra, padding) in _BEFORE_NAME.items():
        start = place - extra - _ATTRIBUTE.size
        if start < 0 or content[start] != version:
            continue
        _, shared, *sizes = _ATTRIBUTE.unpack_from(content, start)
        kind = place + _padded(sizes[0], padding)
        shape = kind + _padded(sizes[1], padding)
        strings = shape + _padded(sizes[2], padding)
        if strings > len(content):
            continue
        if shared:
            raise Unreadable("It is an HDF5 file of an uncommon kind: with types that are shared.")
        if content[kind] & 0xF == _VARIABLE_LENGTH:
            _check_lengths(content, strings, _elements(content, shape))


def _elements(content: mmap.mmap, place: int) -> int:
    version, rank = content[place : place + 2]
    start = place + _SHAPE_HEADERS.get(version, 0)
    dimensions = content[start : start + _DIMENSION.size * rank]
    whole = dimensions[: len(dimensions) // _DIMENSION.size * _DIMENSION.size]
    return count((n for (n,) in _DIMENSION.iter_unpack(whole)), "A list of names")


def _check_lengths(content: mmap.mmap, place: int, number: int) -> None:
    end = place + number * _STRING.size
    lengths = content[place:end] if end <= len(content) else b""
    total = sum(length for (length,) in _STRING.iter_unpack(lengths))
    if len(lengths) < end - place or total > len(content):
        raise Unreadable("It is a damaged HDF5 file: names that are longer than the file.")


def _padded(size: int, padding: int) -> int:
    return -(-size // padding) * padding
