"""A file appears whole or not at all."""

import os
import stat

import pytest

from keras_classic_cnns.core import files


def test_writes_text_and_bytes_and_makes_the_folder(tmp_path):
    with files.atomic_write(tmp_path / "new" / "a.txt") as file:
        file.write("größer")
    assert (tmp_path / "new" / "a.txt").read_text(encoding="utf-8") == "größer"
    with files.atomic_write(tmp_path / "a.bin", "wb") as file:
        file.write(b"\x00\x01")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\x01"


def test_a_failure_keeps_the_old_file_and_leaves_nothing(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), files.atomic_write(path) as file:
        file.write("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_temporary_name_keeps_the_ending_and_the_file_is_readable(tmp_path):
    with files.atomic_path(tmp_path / "m.weights.h5") as temporary:
        assert temporary.name.endswith(".weights.h5")
        temporary.write_text("x")
    mode = stat.S_IMODE((tmp_path / "m.weights.h5").stat().st_mode)
    assert mode & 0o400 and mode == 0o666 & ~_umask()


def test_writing_leaves_the_umask_of_the_process_alone(tmp_path, monkeypatch):
    """To ask for it is to change it, for all threads."""
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask was changed"))
    with files.atomic_write(tmp_path / "a.txt") as file:
        file.write("x")


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
