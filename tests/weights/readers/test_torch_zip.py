"""The zip archives of torch."""

import zipfile

import numpy as np
import pytest
from weights.readers import weight_files as files

BASE = np.arange(6, dtype="f4").reshape(2, 3)
PICKLE = files.state_dict(b=files.tensor(), a=files.tensor("1", "i8", 1, 0, (), ()))
STORAGES = {"0": BASE.tobytes(), "1": np.int64(7).tobytes()}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("byteorder", [b"little", None])
def test_reads_a_state_dict_in_its_order(read, compression, byteorder):
    arrays = read(files.torch_zip(PICKLE, STORAGES, byteorder, compression, version=b"3\n"))
    assert list(arrays) == ["b", "a"]
    np.testing.assert_array_equal(arrays["b"], BASE)
    assert arrays["a"] == 7 and arrays["a"].dtype == np.int64 and arrays["a"].shape == ()


def test_reads_the_other_byte_order(read):
    bits = np.array([0x3F80], ">u2").tobytes()
    pickle = files.state_dict(w=files.tensor(), h=files.tensor("1", "bf16", 1, 0, (), ()))
    arrays = read(files.torch_zip(pickle, {"0": BASE.astype(">f4").tobytes(), "1": bits}, b"big"))
    np.testing.assert_array_equal(arrays["w"], BASE)
    assert arrays["h"] == 1


@pytest.mark.parametrize("size", [0, 20, 23, 25, 48])
def test_a_storage_of_another_size_is_refused(refused, size):
    content = files.torch_zip(files.state_dict(w=files.tensor()), {"0": bytes(size)})
    refused(content, f"Its storage '0' has {size} bytes instead of 24.")


def test_a_missing_storage_is_refused(refused):
    refused(files.torch_zip(PICKLE, {"0": bytes(24)}), "without the member 'archive/data/1'")


@pytest.mark.parametrize("key", ["../0", "/etc/passwd", "../../secret"])
def test_storages_are_members_and_nothing_else(refused, key):
    refused(files.torch_zip(files.state_dict(w=files.tensor(key)), STORAGES), "without the member")


def test_a_program_is_refused(refused):
    refused(files.torch_zip(PICKLE, STORAGES, **{"constants.pkl": b")."}), "a TorchScript program")


def test_an_unknown_byte_order_is_refused(refused):
    refused(files.torch_zip(PICKLE, STORAGES, b"middle"), "the byte order b'middle'")


def test_a_number_repeated_beyond_the_file_is_refused(refused):
    """With a stride of zero a shape of any size fits into any storage."""
    value = files.tensor("0", "f4", 6, 0, (1 << 30,), (0,))
    content = files.torch_zip(files.state_dict(w=value), {"0": bytes(24)})
    refused(content, "Its tensors would take 4,294,967,296 bytes")
