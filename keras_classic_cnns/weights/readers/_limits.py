"""What all readers share: how they fail, how much they may allocate, and the types they return."""

import contextlib
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from keras_classic_cnns.core import errors, validate

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
# Trained weights hardly compress, and shared ones are shared once or twice
_RATIO = 16
_SLACK = 1 << 20
_DIMENSIONS = 32
_ELEMENTS = 1 << 48  # NumPy counts bytes in 63 bits, also those of a shape with a zero in it
_SHOWN = 80
_HEAD = 512  # as much as a tar archive needs, whose mark is not at its beginning


class Unreadable(Exception):
    """What is wrong with a file; `reported` adds which file it is."""


@contextlib.contextmanager
def reported(path: Path) -> Iterator[None]:
    """Makes of what is unreadable the error for users, which says which file it is.

    Args:
        path: The file.

    Raises:
        WeightsFileError: It cannot be read.
    """
    try:
        yield
    except Unreadable as error:
        raise errors.WeightsFileError(
            f"The weights file cannot be read. {error} {validate.received('path', str(path))}"
        ) from error


def head(path: Path) -> bytes:
    """The first bytes of a file, which tell its format.

    Raises:
        Unreadable: It cannot be opened.
    """
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise Unreadable(f"It cannot be opened: {error.strerror}.") from error


class Budget:
    """The bytes that a file may unfold to, so that a small file cannot fill the memory.

    Args:
        size: Bytes of the file.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size * _RATIO + _SLACK

    def spend(self, amount: int, what: str) -> None:
        """Takes bytes out of the budget, before they are allocated.

        Args:
            amount: Bytes.
            what: What they are for, for the message.

        Raises:
            Unreadable: They are more than what is left.
        """
        self._left -= amount
        if amount < 0 or self._left < 0:
            raise Unreadable(
                f"{what} would take {amount:,} bytes, far more than a file of {self._size:,} "
                "bytes can hold."
            )


def count(shape: Iterable[Any], what: str) -> int:
    """The number of elements of a shape that a file declares.

    Raises:
        Unreadable: It is no shape.
    """
    shape = tuple(shape)
    whole = len(shape) <= _DIMENSIONS and all(type(n) is int and n >= 0 for n in shape)
    if not whole or math.prod(max(n, 1) for n in shape) > _ELEMENTS:
        raise Unreadable(f"{what} has an impossible shape.")
    return math.prod(shape)


def check_type(dtype: np.dtype, what: str) -> None:
    """Checks that a type is one of real numbers.

    Raises:
        Unreadable: It is not.
    """
    if dtype.kind not in "fiub" and dtype != BFLOAT16:
        raise Unreadable(f"{what} holds {dtype}, which is no type of a weight.")


def plain(array: np.ndarray, what: str) -> np.ndarray:
    """A contiguous array of its own, in the machine's byte order, with floats as float32.

    Raises:
        Unreadable: It holds no real numbers.
    """
    check_type(array.dtype, what)
    is_whole = array.dtype.kind in "iub"
    dtype = array.dtype.newbyteorder("=") if is_whole else np.float32
    with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite
        return np.array(array, dtype, order="C")


def add(arrays: dict[str, Any], key: str, value: Any) -> None:
    """Adds an entry under a key that must be new.

    Raises:
        Unreadable: The key is there already.
    """
    if key in arrays:
        raise Unreadable(f"It has the key {shown(key)} twice.")
    arrays[key] = value


def shown(text: Any) -> str:
    """A text of the file as a message may show it: quoted, and not at any length."""
    text = str(text)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
