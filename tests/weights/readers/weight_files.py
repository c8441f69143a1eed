"""Weights files written byte by byte, so that each may also be written wrong."""

import io
import json
import struct
import zipfile

import numpy as np

STORAGES = {
    "f8": "DoubleStorage",
    "f4": "FloatStorage",
    "f2": "HalfStorage",
    "bf16": "BFloat16Storage",
    "i8": "LongStorage",
    "i4": "IntStorage",
    "i2": "ShortStorage",
    "i1": "CharStorage",
    "u1": "ByteStorage",
    "?": "BoolStorage",
}
MAGIC = bytes.fromhex("8002" "8a0a" "6cfc9c46f9206aa85019" "2e")
PROTOCOL = b"\x80\x02M\xe9\x03."
SYSTEM = b"\x80\x02}."
TRUE, FALSE, NONE, MARK, TUPLE, REDUCE, STOP = b"\x88", b"\x89", b"N", b"(", b"t", b"R", b"."
# bfloat16 is the upper half of a float32
BFLOAT16_BITS = {1.0: 0x3F80, -2.0: 0xC000, 0.5: 0x3F00, float("inf"): 0x7F80}


def text(value):
    """A string in a pickle."""
    content = value.encode()
    return b"X" + struct.pack("<I", len(content)) + content


def integer(value):
    """A 32-bit integer in a pickle, or a longer one."""
    if -(1 << 31) <= value < 1 << 31:
        return b"J" + struct.pack("<i", value)
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


def global_(module, name):
    """The mention of a name in a pickle."""
    return f"c{module}\n{name}\n".encode()


def tuple_(*items):
    return MARK + b"".join(items) + TUPLE


ORDERED_DICT = global_("collections", "OrderedDict") + b")" + REDUCE


def storage(key="0", kind="f4", numel=6, view=b""):
    """A reference to a storage; `view` is the sixth field, which legacy files have."""
    name = global_("torch", STORAGES[kind])
    fields = (text("storage"), name, text(key), text("cpu"), integer(numel), view)
    return tuple_(*fields) + b"Q"


def tensor(key="0", kind="f4", numel=6, offset=0, shape=(2, 3), strides=(3, 1), view=b""):
    """A call of `_rebuild_tensor_v2`."""
    arguments = (
        storage(key, kind, numel, view),
        integer(offset),
        tuple_(*map(integer, shape)),
        tuple_(*map(integer, strides)),
        FALSE,
        ORDERED_DICT,
    )
    return global_("torch._utils", "_rebuild_tensor_v2") + tuple_(*arguments) + REDUCE


def state_dict(**values):
    """A pickle of an OrderedDict; the values are bytes of pickles, from `tensor` say."""
    items = b"".join(text(key) + value for key, value in values.items())
    return b"\x80\x02" + ORDERED_DICT + MARK + items + b"u" + STOP


def torch_zip(pickle, storages, byteorder=b"little", compression=zipfile.ZIP_STORED, **members):
    """The bytes of a zip archive of torch."""
    content = {"data.pkl": pickle, "byteorder": byteorder}
    content |= {f"data/{key}": value for key, value in storages.items()}
    content |= members
    return archive(
        {f"archive/{name}": value for name, value in content.items() if value is not None},
        compression,
    )


def torch_legacy(pickle, storages, counts, head=(MAGIC, PROTOCOL, SYSTEM), keys=None):
    """The bytes of a legacy file; `counts` are the numbers of elements, as the file has them."""
    keys = list(storages) if keys is None else keys
    listed = b"\x80\x02](" + b"".join(map(text, keys)) + b"e."
    content = b"".join(struct.pack("<q", counts[key]) + storages[key] for key in storages)
    return b"".join(head) + pickle + listed + content


def archive(members, compression=zipfile.ZIP_STORED):
    """The bytes of a zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


def safetensors(tensors, content, length=None):
    """The bytes of a safetensors file: a header of (type, shape, begin, end), and its content."""
    entries = {
        key: {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
        for key, (dtype, shape, begin, end) in tensors.items()
    }
    header = json.dumps(entries).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + content


def varint(value):
    """An integer of a protocol buffer."""
    value &= (1 << 64) - 1
    groups = []
    while True:
        groups.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(groups)


def field(number, value):
    """A field of a protocol buffer: an integer, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def initializer(name, type_, dims, *more):
    """A TensorProto inside of a graph."""
    shape = b"".join(field(1, dim) for dim in dims)
    return field(5, shape + field(2, type_) + b"".join(more) + field(8, name.encode()))


def onnx(*initializers):
    """The bytes of a model, with a node that a reader must pass over."""
    node = field(1, field(4, b"Conv"))
    return field(1, 8) + field(2, b"by hand") + field(7, node + b"".join(initializers))


def samples(h5):
    """One small file of every format, by name; `h5` are the bytes of one that h5py wrote."""
    numbers = np.arange(6, dtype="f4").tobytes()
    whole = torch_zip(state_dict(w=tensor()), {"0": numbers})
    legacy = torch_legacy(state_dict(w=tensor(view=NONE)), {"0": numbers}, {"0": 6})
    return {
        "torch_zip": whole,
        "torch_deflated": torch_zip(
            state_dict(w=tensor()), {"0": numbers}, compression=zipfile.ZIP_DEFLATED
        ),
        "torch_legacy": legacy,
        "safetensors": safetensors({"w": ("F32", (2, 3), 0, 24)}, numbers),
        "onnx": onnx(
            initializer("w", 1, (2, 3), field(9, numbers)),
            initializer("n", 7, (2,), field(7, varint(3) + varint(-1))),
        ),
        "h5": h5,
        "keras": archive({"config.json": b"{}", "model.weights.h5": h5}),
        "zip": archive({"net.pth": legacy}),
    }
