"""Where the cache is, and what its records remember."""

import fcntl
import json
import os
import threading
from pathlib import Path

import pytest
from weights.fetching import BODY, SHA256, SIZE, WRONG, remote

from keras_classic_cnns.weights import cache
from keras_classic_cnns.weights.digest import Digest, WrongBytesError, hash_file

URL = "https://example.org/net.pth"


@pytest.fixture
def entry(cache_folder):
    """A cached file that was verified."""
    cache_folder.mkdir(parents=True)
    entry = cache.Entry(remote(URL))
    entry.path.write_bytes(BODY)
    assert entry.problem() is None
    return entry


def test_the_folder_follows_keras(monkeypatch):
    monkeypatch.setenv("KERAS_HOME", "~/elsewhere")
    below = Path("models", "keras_classic_cnns")
    assert cache.folder() == Path.home() / "elsewhere" / below
    monkeypatch.delenv("KERAS_HOME")
    assert cache.folder() == Path.home() / ".keras" / below


def test_a_file_that_is_not_there(cache_folder):
    assert cache.Entry(remote(URL)).problem() == cache.ABSENT
    assert not cache_folder.exists()  # looking leaves nothing behind


def test_a_verified_file_is_not_read_again(entry, monkeypatch):
    monkeypatch.delattr(cache, "hash_file")
    assert entry.problem() is None
    assert cache.Entry(remote(URL, size=None)).problem() is None


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: os.utime(entry.path, (1, 1)),
        lambda entry: entry.record.unlink(),
        lambda entry: entry.record.write_text("{"),
        lambda entry: entry.record.write_text("[]"),
    ],
    ids=["time", "no record", "damaged", "list"],
)
def test_a_file_is_read_again_where_something_changed(entry, monkeypatch, change):
    change(entry)
    read = []
    monkeypatch.setattr(cache, "hash_file", lambda *a: read.append(a) or hash_file(*a))
    assert entry.problem() is None
    assert entry.problem() is None  # and the new verdict is kept
    assert len(read) == 1


def test_a_file_that_was_changed_is_a_problem(entry):
    entry.path.write_bytes(WRONG)
    os.utime(entry.path, (1, 1))
    assert "received sha256:" in entry.problem()
    entry.path.write_bytes(BODY[:-1])
    assert f"{SIZE - 1} bytes" in entry.problem()


def test_another_digest_is_verified_anew(entry):
    assert cache.Entry(remote(URL, digest=Digest("sha1", "0" * 40))).problem() is not None
    prefix = Digest("sha256_prefix", SHA256.value[:9])
    assert cache.Entry(remote(URL, digest=prefix)).problem() is None
    assert json.loads(entry.record.read_text())["value"] == prefix.value
    assert json.loads(entry.record.read_text())["url"] is None  # nobody knows where it came from


def test_another_size_is_a_problem_even_where_the_digest_is_right(entry):
    assert cache.Entry(remote(URL, size=SIZE + 1)).problem() is not None


@pytest.mark.parametrize("digest", [None, SHA256], ids=["none", "sha256"])
def test_what_came_first_is_pinned(cache_folder, tmp_path, digest):
    cache_folder.mkdir(parents=True)
    entry = cache.Entry(remote(URL, digest=digest, size=None))
    entry.path.write_bytes(BODY)
    assert entry.problem() is None
    record = json.loads(entry.record.read_text())
    entry.record.write_text(json.dumps({**record, "sha256": "1" * 64, "mtime_ns": 0}))
    assert "which came first" in entry.problem()


def test_wrong_bytes_are_not_accepted(cache_folder):
    cache_folder.mkdir(parents=True)
    entry = cache.Entry(remote(URL))
    entry.part.write_bytes(WRONG)
    with pytest.raises(WrongBytesError, match="expected sha256:"):
        entry.accept(entry.part, hash_file(entry.part, SHA256), URL)
    assert not entry.path.exists() and not entry.record.exists()


def test_threads_take_turns_too(cache_folder):
    entry, inside, most = cache.Entry(remote(URL)), [], []

    def enter():
        with entry.lock():
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.01)
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 5


def test_a_lock_is_given_back_even_where_a_forked_child_has_it_open(cache_folder):
    entry = cache.Entry(remote(URL))
    with entry.lock():
        opened = {int(name): f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")}
        (number,) = (n for n, p in opened.items() if os.path.realpath(p).endswith(".lock"))
        inherited = os.dup(number)
    try:
        with open(cache_folder / ".net.pth.lock", "ab") as other:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(inherited)
