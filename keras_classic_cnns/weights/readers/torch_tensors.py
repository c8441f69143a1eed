"""What a pickle of torch is made of: tensors as descriptions, and what may build them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from keras_classic_cnns.weights.readers._limits import BFLOAT16, Unreadable, count, plain, shown

# Where training scripts keep the state dict
_NESTS = ("state_dict", "model_state_dict", "model")
STORAGES = {
    "torch DoubleStorage": np.dtype("f8"),
    "torch FloatStorage": np.dtype("f4"),
    "torch HalfStorage": np.dtype("f2"),
    "torch BFloat16Storage": BFLOAT16,
    "torch LongStorage": np.dtype("i8"),
    "torch IntStorage": np.dtype("i4"),
    "torch ShortStorage": np.dtype("i2"),
    "torch CharStorage": np.dtype("i1"),
    "torch ByteStorage": np.dtype("u1"),
    "torch BoolStorage": np.dtype("?"),
}


class Global(NamedTuple):
    """A name that a pickle mentions: only a name, whatever it may be elsewhere."""

    name: str


class Storage(NamedTuple):
    """Where numbers are.

    Args:
        key: The name of the storage in the file.
        dtype: The type of its elements.
        numel: How many it has.
    """

    key: str
    dtype: np.dtype
    numel: int

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in the file."""
        return self.numel * self.dtype.itemsize


@dataclass(frozen=True)
class Tensor:
    """A view of a storage; offset and strides are in elements.

    Args:
        storage: The numbers.
        offset: The first one.
        shape: The shape.
        strides: The step along each dimension.
    """

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def __post_init__(self) -> None:
        numel = count(self.shape, "A tensor")
        whole = all(type(n) is int and n >= 0 for n in (self.offset, *self.strides))
        if not whole or len(self.strides) != len(self.shape):
            raise Unreadable("A tensor has impossible strides.")
        steps = sum((n - 1) * step for n, step in zip(self.shape, self.strides, strict=True))
        if numel and self.offset + steps >= self.storage.numel:
            raise Unreadable("A tensor reaches beyond the end of its storage.")

    @property
    def nbytes(self) -> int:
        """The bytes of its elements, however often they share a place."""
        return count(self.shape, "A tensor") * self.storage.dtype.itemsize


def state_dict(loaded: Any) -> dict[str, Tensor]:
    """The tensors of what a file holds: a state dict, or a checkpoint that has one.

    Raises:
        Unreadable: There is no state dict.
    """
    for nest in _NESTS:
        if isinstance(loaded, dict) and isinstance(loaded.get(nest), dict):
            loaded = loaded[nest]
    if not isinstance(loaded, dict):
        raise Unreadable(f"It holds a {type(loaded).__name__} where a state dict is expected.")
    for key, value in loaded.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise Unreadable(
                "It holds no state dict, which has names and tensors only: under "
                f"{shown(key)} is a {type(value).__name__}."
            )
    return loaded


def as_numbers(content: bytes | bytearray, storage: Storage, order: str) -> np.ndarray:
    """The bytes of a storage as its numbers.

    Args:
        content: The bytes, `storage.nbytes` of them.
        storage: What they are.
        order: `"<"` where the lowest byte of a number comes first, `">"` where the highest does.
    """
    unsigned = f"u{storage.dtype.itemsize}"
    # in words of bits, since bfloat16 has no other byte order
    words = np.frombuffer(content, order + unsigned).astype(unsigned, copy=False)
    return words.view(storage.dtype)


def fill(
    tensors: dict[str, Tensor], numbers: Callable[[Storage], np.ndarray]
) -> dict[str, np.ndarray]:
    """The arrays of tensors, each a copy of its own; one storage is in memory at a time.

    Args:
        tensors: The descriptions, which have been checked.
        numbers: Reads a storage.
    """
    by_storage: dict[Storage, list[str]] = {}
    for key, tensor in tensors.items():
        by_storage.setdefault(tensor.storage, []).append(key)
    arrays = dict.fromkeys(tensors, np.empty(0))
    for storage, keys in by_storage.items():
        content = numbers(storage)
        for key in keys:
            arrays[key] = plain(_view(tensors[key], content), f"The tensor {shown(key)}")
    return arrays


def _view(tensor: Tensor, numbers: np.ndarray) -> np.ndarray:
    if 0 in tensor.shape:  # its strides may lead anywhere
        return np.empty(tensor.shape, numbers.dtype)
    steps = tuple(step * numbers.itemsize for step in tensor.strides)
    return np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, steps, writeable=False
    )


def make_storage(identity: Any) -> Storage:
    """A persistent id: ("storage", type, key, device, length) and, in legacy files, a view."""
    if not isinstance(identity, tuple) or len(identity) not in (5, 6) or identity[0] != "storage":
        raise Unreadable("It refers to something other than a storage.")
    _, kind, key, _, numel, *more = identity
    if not isinstance(kind, Global) or kind.name not in STORAGES or not isinstance(key, str):
        raise Unreadable("It refers to a storage of no known type.")
    if more not in ([], [None]):
        raise Unreadable("It has a view of a storage: load it with torch and save it again.")
    return Storage(key, STORAGES[kind.name], count((numel,), "A storage"))


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *more: Any) -> Tensor:
    if not isinstance(storage, Storage) or not type(shape) is type(strides) is tuple:
        raise Unreadable("It builds a tensor from something other than a storage and a shape.")
    if len(more) > 2 and more[2]:
        raise Unreadable("It has a tensor with metadata: a conjugate or negative view.")
    return Tensor(storage, offset, shape, strides)


def _parameter(tensor: Any, *_: Any) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise Unreadable("It builds a parameter from something other than a tensor.")
    return tensor


def _ordered_dict(items: Any = ()) -> dict:
    return dict(pairs(items))


def pairs(items: Any) -> Iterable[tuple[Any, Any]]:
    """Items of a dict, with keys whose hash cannot be made to take for ever, as a tuple's can."""
    for item in items:
        if type(item) not in (list, tuple) or len(item) != 2 or type(item[0]) not in (str, int):
            raise Unreadable("It has a dict with a key that is neither a string nor an integer.")
        yield item[0], item[1]


# What may be called: the function of ours that stands for it, and how many arguments it takes
CALLS = {
    "collections OrderedDict": (_ordered_dict, range(0, 2)),
    "torch._utils _rebuild_tensor": (_tensor, range(4, 5)),
    "torch._utils _rebuild_tensor_v2": (_tensor, range(6, 8)),
    "torch._utils _rebuild_parameter": (_parameter, range(3, 4)),
}
