"""Tensors from the descriptions of torch's pickles: every type, any strides."""

import numpy as np
import pytest
from weights.readers import weight_files as files

VALUES = {
    "f8": np.array([1.5, -2.0, np.inf], "f8"),
    "f4": np.array([1.5, -2.0, np.nan], "f4"),
    "f2": np.array([1.5, -2.0, 65504], "f2"),
    "i8": np.array([1 << 62, -1, 0], "i8"),
    "i4": np.array([1 << 30, -1, 0], "i4"),
    "i2": np.array([1 << 14, -1, 0], "i2"),
    "i1": np.array([127, -128, 0], "i1"),
    "u1": np.array([255, 1, 0], "u1"),
    "?": np.array([True, False, True]),
}


@pytest.mark.parametrize("kind", VALUES)
def test_every_type(read, kind):
    values = VALUES[kind]
    pickle = files.state_dict(w=files.tensor("0", kind, 3, 0, (3,), (1,)))
    array = read(files.torch_zip(pickle, {"0": values.tobytes()}))["w"]
    wanted = values.astype("f4") if values.dtype.kind == "f" else values
    assert array.dtype == wanted.dtype
    np.testing.assert_array_equal(array, wanted)


def test_bfloat16(read):
    pickle = files.state_dict(w=files.tensor("0", "bf16", 4, 0, (4,), (1,)))
    bits = np.array(list(files.BFLOAT16_BITS.values()), "<u2").tobytes()
    array = read(files.torch_zip(pickle, {"0": bits}))["w"]
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, list(files.BFLOAT16_BITS))


def test_a_float64_beyond_float32_is_infinite(read):
    pickle = files.state_dict(w=files.tensor("0", "f8", 1, 0, (), ()))
    assert read(files.torch_zip(pickle, {"0": np.float64(1e300).tobytes()}))["w"] == np.inf


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (0, (), ()),
        (23, (), ()),
        (0, (24,), (1,)),
        (0, (4, 6), (6, 1)),
        (0, (6, 4), (1, 6)),
        (7, (2, 3), (6, 2)),
        (5, (3, 2), (0, 4)),
        (0, (2, 3, 2, 2), (12, 1, 6, 3)),
        (0, (0, 3), (3, 1)),
        (24, (0,), (1,)),
    ],
)
def test_any_strides(read, offset, shape, strides):
    base = np.arange(24, dtype="f4")
    pickle = files.state_dict(w=files.tensor("0", "f4", 24, offset, shape, strides))
    array = read(files.torch_zip(pickle, {"0": base.tobytes()}))["w"]
    assert array.shape == shape
    for index in np.ndindex(shape):
        assert array[index] == offset + sum(i * s for i, s in zip(index, strides, strict=True))


def test_tensors_of_one_storage_are_arrays_of_their_own(read):
    whole, tail = files.tensor(), files.tensor(offset=4, shape=(2,), strides=(1,))
    pickle = files.state_dict(whole=whole, tail=tail, again=whole)
    arrays = read(files.torch_zip(pickle, {"0": np.arange(6, dtype="f4").tobytes()}))
    np.testing.assert_array_equal(arrays["tail"], [4, 5])
    arrays["whole"][:] = -1
    np.testing.assert_array_equal(arrays["tail"], [4, 5])
    np.testing.assert_array_equal(arrays["again"], [[0, 1, 2], [3, 4, 5]])


def test_a_parameter_is_its_tensor(read):
    build = files.global_("torch._utils", "_rebuild_parameter")
    parameter = build + files.tuple_(files.tensor(), files.TRUE, files.ORDERED_DICT) + b"R"
    arrays = read(files.torch_zip(files.state_dict(w=parameter), {"0": bytes(24)}))
    assert arrays["w"].shape == (2, 3)


def test_the_tensors_of_the_oldest_files(read):
    """`_rebuild_tensor`, which files of 2017 use, has four arguments."""
    arguments = files.storage(), files.integer(2), *[files.tuple_(files.integer(n)) for n in (3, 1)]
    old = files.global_("torch._utils", "_rebuild_tensor") + files.tuple_(*arguments) + b"R"
    content = files.torch_zip(files.state_dict(w=old), {"0": np.arange(6, dtype="f4").tobytes()})
    np.testing.assert_array_equal(read(content)["w"], [2, 3, 4])


@pytest.mark.parametrize(
    ("numel", "offset", "shape", "strides"),
    [
        (6, 1, (2, 3), (3, 1)),
        (6, 0, (2, 3), (4, 1)),
        (6, 6, (), ()),
        (6, 0, (7,), (1,)),
        (6, 0, (1 << 40,), (1,)),
        (6, 0, (2, 3), (1 << 62, 1)),
    ],
)
def test_a_tensor_beyond_its_storage_is_refused(refused, numel, offset, shape, strides):
    pickle = files.state_dict(w=files.tensor("0", "f4", numel, offset, shape, strides))
    refused(files.torch_zip(pickle, {"0": bytes(24)}), "reaches beyond the end of its storage")


@pytest.mark.parametrize(
    ("offset", "shape", "strides", "message"),
    [
        (-1, (2,), (1,), "impossible strides"),
        (5, (2,), (-1,), "impossible strides"),
        (0, (2, 3), (1,), "impossible strides"),
        (0, (-2, 3), (3, 1), "impossible shape"),
        (0, (1,) * 33, (1,) * 33, "impossible shape"),
        (0, (0, 1 << 62), (1, 1), "impossible shape"),
    ],
)
def test_an_impossible_tensor_is_refused(refused, offset, shape, strides, message):
    pickle = files.state_dict(w=files.tensor("0", "f4", 6, offset, shape, strides))
    refused(files.torch_zip(pickle, {"0": bytes(24)}), message)


@pytest.mark.parametrize("nest", ["state_dict", "model_state_dict", "model"])
def test_the_state_dict_in_a_checkpoint(read, nest):
    inner = files.state_dict(w=files.tensor())[2:-1]
    values = {"epoch": files.integer(3), "best": files.NONE, nest: inner}
    assert list(read(files.torch_zip(files.state_dict(**values), {"0": bytes(24)}))) == ["w"]


@pytest.mark.parametrize(
    ("pickle", "message"),
    [
        (b"\x80\x02].", "It holds a list where a state dict is expected."),
        (b"\x80\x02N.", "It holds a NoneType where a state dict is expected."),
        (files.state_dict(epoch=files.integer(3)), "under 'epoch' is a int"),
        (files.state_dict(net=files.state_dict()[2:-1]), "under 'net' is a dict"),
        (b"\x80\x02}(K\x01Nu.", "under '1' is a NoneType"),
    ],
)
def test_what_is_no_state_dict_is_refused(refused, pickle, message):
    refused(files.torch_zip(pickle, {}), message)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (files.tuple_(files.text("module"), files.NONE) + b"Q", "other than a storage"),
        (files.text("storage") + b"Q", "other than a storage"),
        (
            files.tuple_(*[files.text("storage")] * 4, files.integer(1)) + b"Q",
            "a storage of no known type",
        ),
        (files.storage(view=files.tuple_(files.text("1"))), "It has a view of a storage"),
        (files.storage(numel=-1), "impossible shape"),
        (files.storage("0") + files.storage("0", "f8"), "two different storages '0'"),
    ],
)
def test_wrong_storages_are_refused(refused, value, message):
    refused(files.torch_zip(b"\x80\x02" + value + b".", {"0": bytes(24)}), message)


def test_a_conjugate_view_is_refused(refused):
    metadata = b"}" + files.text("conj") + files.TRUE + b"s"
    value = files.tensor()[:-2] + metadata + b"tR"
    refused(files.torch_zip(files.state_dict(w=value), {"0": bytes(24)}), "a conjugate or negative")
