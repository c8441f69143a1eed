"""safetensors files."""

import numpy as np
import pytest
from safetensors.numpy import save_file
from weights.readers import weight_files as files

from keras_classic_cnns.weights.readers import read_arrays

TYPES = {
    "F64": "f8",
    "F32": "f4",
    "F16": "f2",
    "I64": "i8",
    "I32": "i4",
    "I16": "i2",
    "I8": "i1",
    "U64": "u8",
    "U32": "u4",
    "U16": "u2",
    "U8": "u1",
    "BOOL": "?",
}


@pytest.mark.parametrize("name", TYPES)
def test_every_type(read, name):
    values = np.array([[1, 0, 3]], TYPES[name])
    content = files.safetensors({"w": (name, (1, 3), 0, values.nbytes)}, values.tobytes())
    array = read(content)["w"]
    assert array.dtype == (np.float32 if values.dtype.kind == "f" else values.dtype)
    np.testing.assert_array_equal(array, values)


def test_bfloat16(read):
    bits = np.array(list(files.BFLOAT16_BITS.values()), "<u2").tobytes()
    array = read(files.safetensors({"w": ("BF16", (2, 2), 0, 8)}, bits))["w"]
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array.ravel(), list(files.BFLOAT16_BITS))


def test_the_order_is_that_of_the_numbers(read):
    tensors = {"b": ("F32", (), 8, 12), "c": ("F32", (1,), 4, 8), "a": ("F32", (1, 1), 0, 4)}
    arrays = read(files.safetensors(tensors, np.arange(3, dtype="f4").tobytes()))
    assert [(key, *array.shape) for key, array in arrays.items()] == [("a", 1, 1), ("c", 1), ("b",)]
    assert [float(array.sum()) for array in arrays.values()] == [0, 1, 2]


def test_what_the_library_writes(tmp_path):
    written = {"w": np.random.default_rng(0).normal(size=(3, 4)).astype("f4"), "n": np.array(7)}
    save_file(written, tmp_path / "x.pth")
    arrays = read_arrays(tmp_path / "x.pth")
    assert arrays.keys() == written.keys()
    for key in written:
        np.testing.assert_array_equal(arrays[key], written[key])


@pytest.mark.parametrize(
    ("tensors", "content"),
    [
        ({"w": ("F32", (2, 3), 0, 24)}, bytes(23)),
        ({"w": ("F32", (2, 3), 0, 24)}, bytes(25)),
        ({"w": ("F32", (2, 3), 4, 28)}, bytes(28)),
        ({"w": ("F32", (2, 4), 0, 24)}, bytes(24)),
        ({"w": ("F32", (1 << 40,), 0, 1 << 42)}, bytes(24)),
        ({"w": ("F32", (1 << 62, 4), 0, 24)}, bytes(24)),
        ({"w": ("F32", (-6,), 0, 24)}, bytes(24)),
        ({"w": ("F32", (6,), 24, 0)}, bytes(24)),
        ({"a": ("F32", (6,), 0, 24), "b": ("F32", (6,), 0, 24)}, bytes(24)),
        ({"a": ("F32", (6,), 0, 24), "b": ("F32", (6,), 20, 44)}, bytes(44)),
        ({"w": ("F99", (6,), 0, 24)}, bytes(24)),
    ],
)
def test_offsets_that_do_not_fit_are_refused(refused, tensors, content):
    refused(files.safetensors(tensors, content), "It is a damaged safetensors file")


@pytest.mark.parametrize("length", [1, 90, 99_999_999])
def test_a_header_of_another_length_is_refused(refused, length):
    content = files.safetensors({"w": ("F32", (2,), 0, 8)}, bytes(8), length)
    refused(content, "It is a damaged safetensors file")


def test_types_of_no_weight_are_refused(refused):
    refused(files.safetensors({"w": ("C64", (1,), 0, 8)}, bytes(8)), "'w' holds C64")
    refused(files.safetensors({"w": ("F8_E4M3", (8,), 0, 8)}, bytes(8)), "'w' holds F8_E4M3")


def test_shapes_that_numpy_has_not_are_refused(refused):
    empty = files.safetensors({"w": ("F32", (0, 1 << 62), 0, 0)}, b"")
    refused(empty, "impossible shape")
    refused(files.safetensors({"w": ("F32", (1,) * 99, 0, 4)}, bytes(4)), "impossible shape")
