"""The initialisers of ONNX models."""

import numpy as np
import pytest
from weights.readers import weight_files as files

FLOATS = np.array([1.5, -2.0, 0.25, np.inf], "f4")
WHOLE = np.array([5, -1, 0, 100])
# The number of each type, its NumPy type, and the number of its typed field
INTEGERS = {2: ("u1", 5), 3: ("i1", 5), 4: ("u2", 5), 5: ("i2", 5), 6: ("i4", 5), 7: ("i8", 7)}
INTEGERS |= {12: ("u4", 11), 13: ("u8", 11)}


def packed(values):
    return b"".join(files.varint(int(value)) for value in values)


@pytest.mark.parametrize(
    ("type_", "dtype", "number"), [(1, "f4", 4), (11, "f8", 10), (10, "f2", None)]
)
def test_floats_raw_and_typed(read, type_, dtype, number):
    values = FLOATS.astype(dtype)
    bits = packed(values.view("u2")) if number is None else values.tobytes()
    content = files.onnx(
        files.initializer("raw", type_, (2, 2), files.field(9, values.tobytes())),
        files.initializer("typed", type_, (2, 2), files.field(number or 5, bits)),
    )
    arrays = read(content)
    assert list(arrays) == ["raw", "typed"]
    for array in arrays.values():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, FLOATS.reshape(2, 2))


def test_bfloat16_raw_and_typed(read):
    bits = np.array(list(files.BFLOAT16_BITS.values()), "<u2")
    content = files.onnx(
        files.initializer("raw", 16, (4,), files.field(9, bits.tobytes())),
        files.initializer("typed", 16, (4,), files.field(5, packed(bits))),
    )
    for array in read(content).values():
        np.testing.assert_array_equal(array, list(files.BFLOAT16_BITS))


@pytest.mark.parametrize("type_", INTEGERS)
def test_integers_raw_and_typed(read, type_):
    dtype, number = INTEGERS[type_]
    values = WHOLE.astype(dtype)
    content = files.onnx(
        files.initializer("raw", type_, (4,), files.field(9, values.tobytes())),
        files.initializer("packed", type_, (4,), files.field(number, packed(values))),
        files.initializer("single", type_, (4,), *[files.field(number, int(v)) for v in values]),
    )
    for array in read(content).values():
        assert array.dtype == dtype
        np.testing.assert_array_equal(array, values)


def test_booleans_scalars_and_unpacked_floats(read):
    single = b"\x25" + np.float32(2.5).tobytes()  # field 4 as four bytes
    arrays = read(
        files.onnx(
            files.initializer("flags", 9, (2,), files.field(5, b"\x01\x00")),
            files.initializer("scalar", 1, (), single),
            files.initializer("pair", 1, (2,), single, single),
            files.initializer("none", 1, (0, 3)),
            files.initializer("packed shape", 1, (), files.field(1, b"\x01\x01"), single),
        )
    )
    assert arrays["flags"].tolist() == [True, False] and arrays["flags"].dtype == bool
    assert arrays["scalar"].shape == () and arrays["scalar"] == 2.5
    assert arrays["pair"].tolist() == [2.5, 2.5]
    assert arrays["none"].shape == (0, 3)
    assert arrays["packed shape"].shape == (1, 1)


@pytest.mark.parametrize(
    ("initializer", "message"),
    [
        (files.initializer("w", 1, (2,), files.field(9, bytes(4))), "has 1 numbers instead of 2"),
        (files.initializer("w", 1, (2,), files.field(9, bytes(7))), "ends within a number"),
        (files.initializer("w", 1, (2,), files.field(4, bytes(7))), "ends within one"),
        (files.initializer("w", 1, (2,)), "has 0 numbers instead of 2"),
        (files.initializer("w", 1, (1 << 40,)), "would take 4,398,046,511,104 bytes"),
        (files.initializer("w", 1, (1 << 60, 1 << 60)), "impossible shape"),
        (files.initializer("w", 1, (-1,)), "impossible shape"),
        (files.initializer("w", 8, (1,)), "the type 8"),
        (files.initializer("w", 0, (1,)), "the type 0"),
        (files.initializer("w", 1, (1,), files.field(13, b"x")), "in another place or file"),
        (files.initializer("w", 1, (1,), files.field(14, 1)), "in another place or file"),
        (files.initializer("w", 1, (1,), files.field(3, b"x")), "in another place or file"),
        (files.initializer("w", 1, (0,)) * 2, "the key 'w' twice"),
        (files.field(15, b""), "sparse weights"),
    ],
)
def test_wrong_initialisers_are_refused(refused, initializer, message):
    refused(files.onnx(initializer), message)


def test_the_default_place_of_data_is_the_file(read):
    content = files.initializer("w", 1, (1,), files.field(14, 0), files.field(9, bytes(4)))
    assert read(files.onnx(content))["w"] == 0


def test_a_model_without_a_graph_is_refused(refused):
    refused(files.field(1, 8) + files.field(2, b"by hand"), "it has no graph")
