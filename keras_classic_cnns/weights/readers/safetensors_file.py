"""safetensors: a JSON header, then the numbers; the library checks the one against the other."""

import struct
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from keras_classic_cnns.weights.readers._limits import Budget, Unreadable, count, plain, shown

# The library's own bound for the header's length, in bytes
_LONGEST_HEADER = 100_000_000
_ITEMSIZES = {
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("I8", "U8", "BOOL"), 1),
}


def recognises(head: bytes) -> bool:
    """Whether a file begins with the length of a header, and with the header."""
    if len(head) < 9:
        return False
    (length,) = struct.unpack("<Q", head[:8])
    return length <= _LONGEST_HEADER and head[8:9] == b"{"


def read(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file, in the order in which they lie in it.

    Raises:
        Unreadable: It is damaged, or holds tensors of a type that no weight has.
    """
    budget = Budget(path.stat().st_size)
    arrays = {}
    try:
        with safe_open(path, framework="np") as file:
            for key in file.offset_keys():
                _check(file.get_slice(key), f"The tensor {shown(key)}", budget)
                # bfloat16 is known to NumPy from ml_dtypes, which `plain` imports
                arrays[key] = plain(file.get_tensor(key), f"The tensor {shown(key)}")
    except (SafetensorError, OSError, OverflowError, TypeError, ValueError) as error:
        raise Unreadable(f"It is a damaged safetensors file: {error}.") from error
    return arrays


def _check(tensor: object, what: str, budget: Budget) -> None:
    dtype = tensor.get_dtype()
    if dtype not in _ITEMSIZES:
        raise Unreadable(f"{what} holds {dtype}, which is no type of a weight.")
    budget.spend(count(tensor.get_shape(), what) * _ITEMSIZES[dtype], what)
