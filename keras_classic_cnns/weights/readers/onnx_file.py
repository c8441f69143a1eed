"""ONNX: the initialisers of a model's graph, which are its weights; the graph is not read."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_classic_cnns.weights.readers import protobuf_wire
from keras_classic_cnns.weights.readers._limits import (
    BFLOAT16,
    Budget,
    Unreadable,
    add,
    count,
    plain,
    shown,
)
from keras_classic_cnns.weights.readers.protobuf_wire import BYTES, VARINT

# What every writer begins a model with: the version of the format, a small integer
_FIRST_TAG = 0x08
_LARGEST_VERSION = 0x7F
# Numbers of fields in ModelProto, GraphProto and TensorProto
_GRAPH = 7
_INITIALIZER, _SPARSE_INITIALIZER = 5, 15
_DIMS, _TYPE, _SEGMENT, _NAME, _RAW, _EXTERNAL, _LOCATION = 1, 2, 3, 8, 9, 13, 14
_FLOATS, _INT32S, _INT64S, _DOUBLES, _UINT64S = 4, 5, 7, 10, 11
_FIXED_FIELDS = {_FLOATS: np.dtype("<f4"), _DOUBLES: np.dtype("<f8")}
_VARINT_FIELDS = (_INT32S, _INT64S, _UINT64S)
# By the number of the type: the type, and the typed field that may hold it
_TYPES = {
    1: (np.dtype("f4"), _FLOATS),
    2: (np.dtype("u1"), _INT32S),
    3: (np.dtype("i1"), _INT32S),
    4: (np.dtype("u2"), _INT32S),
    5: (np.dtype("i2"), _INT32S),
    6: (np.dtype("i4"), _INT32S),
    7: (np.dtype("i8"), _INT64S),
    9: (np.dtype("?"), _INT32S),
    10: (np.dtype("f2"), _INT32S),
    11: (np.dtype("f8"), _DOUBLES),
    12: (np.dtype("u4"), _UINT64S),
    13: (np.dtype("u8"), _UINT64S),
    16: (BFLOAT16, _INT32S),
}


@dataclass
class _Tensor:
    """The fields of a TensorProto that matter."""

    name: str = ""
    type: int = 0
    dims: list[int] = dataclasses.field(default_factory=list)
    raw: memoryview | None = None
    # the numbers of typed fields, in pieces, by the number of the field
    typed: dict[int, list[np.ndarray]] = dataclasses.field(default_factory=dict)


def recognises(head: bytes) -> bool:
    """Whether a file begins with a field that a model has, and a small version in it."""
    return len(head) > 1 and head[0] == _FIRST_TAG and 0 < head[1] <= _LARGEST_VERSION


def read(path: Path) -> dict[str, np.ndarray]:
    """The initialisers, in their order.

    Raises:
        Unreadable: It is damaged, or its weights are in another file.
    """
    model = memoryview(path.read_bytes())
    graphs = list(_messages(model, _GRAPH))
    if not graphs:
        raise Unreadable("It is no ONNX model: it has no graph.")
    budget = Budget(len(model))
    arrays: dict[str, np.ndarray] = {}
    for graph in graphs:
        if any(True for _ in _messages(graph, _SPARSE_INITIALIZER)):
            raise Unreadable("It is an ONNX model with sparse weights.")
        for message in _messages(graph, _INITIALIZER):
            tensor = _parse(message)
            add(arrays, tensor.name, _array(tensor, budget))
    return arrays


def _messages(message: memoryview, wanted: int) -> Iterator[memoryview]:
    for number, kind, value in protobuf_wire.fields(message):
        if number == wanted and kind == BYTES:
            yield value


def _parse(message: memoryview) -> _Tensor:
    tensor = _Tensor()
    for number, kind, value in protobuf_wire.fields(message):
        is_bytes = kind == BYTES
        if number == _DIMS:
            tensor.dims += _integers(kind, value)
        elif number == _TYPE and kind == VARINT:
            tensor.type = value
        elif number == _NAME and is_bytes:
            tensor.name = str(value, "utf-8", "replace")
        elif number == _RAW and is_bytes:
            tensor.raw = value
        elif number in _FIXED_FIELDS or number in _VARINT_FIELDS:
            tensor.typed.setdefault(number, []).append(_piece(number, kind, value))
        elif number in (_SEGMENT, _EXTERNAL) or (number == _LOCATION and value):
            raise Unreadable(f"Its initialiser {shown(tensor.name)} lies in another place or file.")
    return tensor


def _piece(number: int, kind: int, value: int | memoryview) -> np.ndarray:
    """One field of numbers: packed ones, or a single one."""
    if number in _VARINT_FIELDS:
        return np.array(_integers(kind, value), np.uint64)
    dtype = _FIXED_FIELDS[number]
    content = value if kind == BYTES else value.to_bytes(8, "little")[: dtype.itemsize]
    if len(content) % dtype.itemsize:
        raise Unreadable("It is a damaged ONNX model: a field of numbers ends within one.")
    return np.frombuffer(content, dtype)


def _integers(kind: int, value: int | memoryview) -> list[int]:
    return protobuf_wire.varints(value) if kind == BYTES else [value]


def _array(tensor: _Tensor, budget: Budget) -> np.ndarray:
    what = f"The initialiser {shown(tensor.name)}"
    if tensor.type not in _TYPES:
        raise Unreadable(f"{what} has the type {tensor.type}, which is no type of a weight.")
    dtype, typed = _TYPES[tensor.type]
    numel = count(tensor.dims, what)
    budget.spend(numel * dtype.itemsize, what)
    if tensor.raw is not None:
        numbers = _from_bits(np.frombuffer(tensor.raw, np.uint8), dtype, what)
    else:
        pieces = tensor.typed.get(typed, [])
        numbers = np.concatenate(pieces) if pieces else np.empty(0, dtype)
        if typed in _VARINT_FIELDS:
            # the lowest bits are the number, be it an integer of any sign or a float16
            numbers = numbers.astype(f"u{dtype.itemsize}").view(dtype)
    if len(numbers) != numel:
        raise Unreadable(f"{what} has {len(numbers):,} numbers instead of {numel:,}.")
    return plain(numbers.reshape(tensor.dims), what)


def _from_bits(content: np.ndarray, dtype: np.dtype, what: str) -> np.ndarray:
    if len(content) % dtype.itemsize:
        raise Unreadable(f"{what} ends within a number.")
    return content.view(f"<u{dtype.itemsize}").astype(f"u{dtype.itemsize}").view(dtype)
