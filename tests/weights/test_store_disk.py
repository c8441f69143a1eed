"""Fetching where the disk is full, or may not be written."""

import errno
import hashlib
import os
import shutil

import pytest
from weights.fetching import BODY, archive, get, kept, remote
from weights.scripted_server import Answer

from keras_classic_cnns.core.errors import WeightsCorruptError, WeightsUnavailableError
from keras_classic_cnns.weights import cache, download, store
from keras_classic_cnns.weights.digest import Digest


def refuse(monkeypatch, module, ending, number):
    """Lets a module no longer open files of this ending for writing."""

    def opened(path, mode="r", **options):
        if str(path).endswith(ending) and mode != "rb":
            raise OSError(number, "refused", str(path))
        return open(path, mode, **options)

    monkeypatch.setattr(module, "open", opened, raising=False)


class Full:
    """A file on a disk that is full after the first chunk."""

    def __init__(self, path, mode):
        self._file = open(path, mode)
        self._writes = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def write(self, chunk):
        self._writes += 1
        if self._writes > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(chunk)


def check(error, cache_folder):
    assert not isinstance(error.value, WeightsCorruptError)
    message = str(error.value)
    assert f"cannot be kept in {cache_folder}" in message
    assert "KERAS_HOME" in message and "`weights=None`" in message


def test_a_read_only_cache_is_an_error_and_nothing_is_asked(server, cache_folder, monkeypatch):
    refuse(monkeypatch, cache, ".lock", errno.EROFS)
    with pytest.raises(WeightsUnavailableError, match="refused") as error:
        get(remote(server.answer("/net", Answer(BODY))))
    check(error, cache_folder)
    assert server.requests == []


def test_a_home_that_is_no_folder(server, cache_folder):
    cache_folder.parents[1].write_text("a file")
    with pytest.raises(WeightsUnavailableError, match="Not a directory") as error:
        get(remote(server.answer("/net", Answer(BODY))))
    check(error, cache_folder)


def test_a_file_in_a_read_only_cache_is_verified_and_used(server, cache_folder, monkeypatch):
    cache_folder.mkdir(parents=True)
    (cache_folder / "net.pth").write_bytes(BODY)
    refuse(monkeypatch, cache, ".lock", errno.EROFS)

    def refuse_to_write(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(cache.files, "atomic_write", refuse_to_write)
    assert get(remote("http://example.org/net")).read_bytes() == BODY
    assert kept(cache_folder) == {"net.pth"}


def test_a_disk_that_is_too_small_is_not_filled(server, cache_folder, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=len(BODY) - 1)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(WeightsUnavailableError, match="and 3071999 are free") as error:
        get(remote(server.answer("/net", Answer(BODY))))
    check(error, cache_folder)
    assert kept(cache_folder) == set()


def test_a_disk_that_becomes_full_keeps_no_part(server, cache_folder, monkeypatch):
    monkeypatch.setattr(download, "open", Full, raising=False)
    with pytest.raises(WeightsUnavailableError, match="No space left on device") as error:
        get(remote(server.answer("/a", Answer(BODY)), server.answer("/b", Answer(BODY))))
    check(error, cache_folder)
    assert kept(cache_folder) == set()
    assert server.gets("/b") == []  # another source would not help


def test_a_full_disk_is_not_filled_a_second_time(server, cache_folder, monkeypatch):
    cut = Answer(BODY, stop_after=1_500_000)
    file = remote(server.answer("/net", cut, cut, cut, Answer(BODY)))
    with pytest.raises(WeightsUnavailableError, match="cut off|IncompleteRead"):
        get(file)
    monkeypatch.setattr(download, "open", Full, raising=False)
    with pytest.raises(WeightsUnavailableError, match="No space left on device"):
        get(file)
    assert kept(cache_folder) == set()
    assert len(server.gets("/net")) == 4


@pytest.mark.parametrize("member", [None, "weights"])
def test_the_bytes_are_on_the_disk_before_the_file_has_its_name(
    server, cache_folder, monkeypatch, member
):
    synced, real = [], os.fsync

    def sync(number):
        name = os.path.basename(os.readlink(f"/proc/self/fd/{number}"))
        synced.append((name, (cache_folder / "net.pth").exists()))
        real(number)

    monkeypatch.setattr(os, "fsync", sync)
    body = archive(weights=BODY) if member else BODY
    get(remote(server.answer("/net", Answer(body)), member=member))
    assert (".net.pth.member" if member else ".net.pth.part", False) in synced


def test_a_disk_that_becomes_full_while_unpacking_keeps_no_archive(
    server, cache_folder, monkeypatch
):
    packed = archive(weights=BODY)
    monkeypatch.setattr(store, "open", Full, raising=False)
    with pytest.raises(WeightsUnavailableError, match="No space left on device") as error:
        get(remote(server.answer("/net.zip", Answer(packed)), member="weights"))
    check(error, cache_folder)
    assert kept(cache_folder) == set()


def test_a_cached_file_is_only_looked_at(server, cache_folder, monkeypatch):
    file = remote(server.answer("/net", Answer(BODY)))
    get(file)

    def read_again(*_):
        raise AssertionError("the file was read again")

    monkeypatch.setattr(cache, "hash_file", read_again)
    get(file)
    (cache_folder / "net.pth").touch()
    with pytest.raises(AssertionError, match="read again"):
        get(file)


def test_a_verified_file_is_verified_against_another_digest(server, cache_folder):
    path = get(remote(server.answer("/net", Answer(BODY))))
    sha1 = Digest("sha1", hashlib.sha1(BODY).hexdigest())
    assert get(remote("http://127.0.0.1:1/", digest=sha1)) == path
    with pytest.raises(WeightsUnavailableError):
        get(remote("http://127.0.0.1:1/", digest=Digest("md5", "0" * 32)))
    assert not path.exists()
