"""Files are told by what is in them, whatever they are called."""

import os

import h5py
import numpy as np
import pytest
from weights.readers import weight_files as files

from keras_classic_cnns.core.errors import WeightsFileError
from keras_classic_cnns.weights.readers import read_arrays


@pytest.fixture
def h5(tmp_path):
    with h5py.File(tmp_path / "file.h5", "w") as file:
        file["layers/dense/vars/0"] = np.arange(6, dtype="f4")
    return (tmp_path / "file.h5").read_bytes()


@pytest.mark.parametrize("name", ["x.pth", "x.h5", "x.zip", "x"])
def test_every_format_under_any_name(tmp_path, h5, name):
    path = tmp_path / name
    for content in files.samples(h5).values():
        path.write_bytes(content)
        for argument in (path, str(path)):
            (first, *_) = read_arrays(argument).values()
            np.testing.assert_array_equal(first.ravel(), np.arange(6))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it begins with b''"),
        (b"\x80", "it begins with b'\\x80'"),
        (b"<!DOCTYPE html><html></html>", "it begins with b'<!DOCTYPE html><'"),
        (b"version https://git-lfs.github.com/spec/v1", "it begins with b'version https://'"),
        (bytes(257) + b"ustar\x0000" + bytes(500), "It is a tar archive, as torch wrote before"),
        (bytes(1000), "It is neither safetensors, nor of torch.save, nor HDF5"),
    ],
)
def test_other_files_are_refused(refused, content, message):
    refused(content, message)


def test_a_member_of_what_is_no_archive_is_refused(refused):
    refused(files.onnx(), "It is no zip archive that could have a member 'a.pth'.", "a.pth")


def test_files_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(WeightsFileError, match="No such file or directory.* Received: path="):
        read_arrays(tmp_path / "nothing.pth")
    with pytest.raises(WeightsFileError, match="Is a directory"):
        read_arrays(tmp_path)


def test_wrong_arguments_are_refused(tmp_path):
    with pytest.raises(TypeError, match=r"`path` must be a path. Received: path=3"):
        read_arrays(3)
    with pytest.raises(TypeError, match="`member` must be a string"):
        read_arrays(tmp_path, 3)


def test_nothing_is_left_open_or_lying_about(tmp_path, h5):
    path = tmp_path / "x"
    path.write_bytes(files.samples(h5)["zip"])
    folder = "/proc/self/fd"
    before = len(os.listdir(folder)) if os.path.isdir(folder) else 0
    for _ in range(5):
        read_arrays(path)
    assert (len(os.listdir(folder)) if os.path.isdir(folder) else 0) == before
