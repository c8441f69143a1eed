"""Whatever is done to the bytes of a file, it is read, or refused with the one error there is."""

import random

import h5py
import numpy as np
import pytest
from weights.readers import weight_files as files

from keras_classic_cnns.core.errors import WeightsFileError
from keras_classic_cnns.weights.readers import read_arrays

MUTATIONS = 250
TRUNCATIONS = 80
# What numbers are changed to: the largest, the smallest and the next to nothing
EXTREMES = (
    b"\xff" * 8,
    bytes(8),
    b"\xff" * 7 + b"\x7f",
    b"\x00\x00\x00\x80" * 2,
    b"\x01" + bytes(7),
)
FORMATS = list(files.samples(b"")) + ["h5 of keras 2"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One small file of every format."""
    folder = tmp_path_factory.mktemp("whole")
    with h5py.File(folder / "3.h5", "w") as file:
        file["vars/0"] = np.arange(6, dtype="f4")
        file.create_dataset("vars/1", data=np.arange(100, dtype="f2"), compression="gzip")
    with h5py.File(folder / "2.h5", "w") as file:
        file.attrs["layer_names"] = [b"conv"]
        group = file.create_group("conv")
        group.attrs["weight_names"] = [b"conv/kernel:0"]
        group["conv/kernel:0"] = np.arange(6, dtype="f4")
    found = files.samples((folder / "3.h5").read_bytes())
    return {**found, "h5 of keras 2": (folder / "2.h5").read_bytes()}


def check(path, content):
    """Reads bytes; how it ended, as a word."""
    path.write_bytes(content)
    try:
        arrays = read_arrays(path)
    except WeightsFileError as error:
        assert str(error).endswith(f"Received: path={str(path)!r}")
        return "refused"
    assert all(isinstance(array, np.ndarray) for array in arrays.values())
    assert sum(array.nbytes for array in arrays.values()) < 10_000_000
    return "read"


@pytest.mark.parametrize("name", FORMATS)
def test_truncated_at_any_place(tmp_path, whole, name):
    content = whole[name]
    assert check(tmp_path / "x", content) == "read"
    step = max(1, len(content) // TRUNCATIONS)
    found = [check(tmp_path / "x", content[:end]) for end in range(0, len(content), step)]
    if name != "onnx":  # a model that ends between two fields is a model
        assert set(found) == {"refused"}


@pytest.mark.parametrize("name", FORMATS)
def test_changed_in_any_way(tmp_path, whole, name):
    chance = random.Random(name)
    others = list(whole.values())
    changes = (flip, overwrite, splice, double)
    found = [
        check(tmp_path / "x", chance.choice(changes)(bytearray(whole[name]), chance, others))
        for _ in range(MUTATIONS)
    ]
    assert {"refused"} <= set(found)


def flip(content, chance, others):
    for _ in range(chance.randint(1, 4)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def overwrite(content, chance, others):
    for _ in range(chance.randint(1, 3)):
        place, length = chance.randrange(len(content)), chance.choice((1, 2, 4, 8))
        content[place : place + length] = chance.choice(EXTREMES)[:length]
    return content


def splice(content, chance, others):
    other = chance.choice(others)
    place, start, length = chance.randrange(len(content)), chance.randrange(len(other)), 64
    content[place : place + chance.choice((0, length))] = other[start : start + length]
    return content


def double(content, chance, others):
    start, length = chance.randrange(len(content)), chance.randint(1, 64)
    content[start:start] = content[start : start + length]
    return content
