"""Downloads that stop in the middle, by whatever means, and several processes at once."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from weights.fetching import BODY, SHA256, WRONG, get, kept, remote
from weights.scripted_server import Answer

from keras_classic_cnns.core.errors import WeightsUnavailableError
from keras_classic_cnns.weights import download

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Without the packages' own __init__, which import Keras, and so in a fraction of the time
CHILD = f"""
import sys, types
for name in ("keras_classic_cnns", "keras_classic_cnns.weights"):
    package = types.ModuleType(name)
    package.__path__ = [{str(ROOT)!r} + "/" + name.replace(".", "/")]
    sys.modules[name] = package
from keras_classic_cnns.weights.digest import Digest
from keras_classic_cnns.weights.remote import RemoteFile
from keras_classic_cnns.weights.store import fetch
digest = Digest("sha256", {SHA256.value!r})
print(fetch(RemoteFile("net.pth", (sys.argv[1],), digest), progress=False))
"""
CUT = Answer(BODY, etag='"1"', stop_after=1_500_000)


@contextlib.contextmanager
def child(url):
    """Another process that fetches the file."""
    command = [sys.executable, "-c", CHILD, url]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, **pipes)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(condition):
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def begun(server, cache_folder):
    """A file of which 1 MiB is there."""
    file = remote(server.answer("/net", CUT))
    with pytest.raises(WeightsUnavailableError):
        get(file)
    assert (cache_folder / ".net.pth.part").stat().st_size == 2**20
    server.requests.clear()
    return file


def test_the_rest_is_asked_for_if_the_file_is_the_same(server, begun):
    server.answer("/net", Answer(BODY, etag='"1"', ranges=True))
    assert get(begun).read_bytes() == BODY
    (asked,) = server.gets("/net")
    assert (asked["Range"], asked["If-Range"]) == ("bytes=1048576-", '"1"')


def test_a_file_that_changed_comes_whole(server, cache_folder):
    file = remote(server.answer("/net", Answer(WRONG, etag='"0"', stop_after=1_500_000)))
    with pytest.raises(WeightsUnavailableError):
        get(file)
    server.answer("/net", Answer(BODY, etag='"1"', ranges=True))
    server.requests.clear()
    assert get(file).read_bytes() == BODY
    (asked,) = server.gets("/net")
    assert asked["If-Range"] == '"0"'


def test_a_server_without_ranges_sends_it_whole(server, begun):
    server.answer("/net", Answer(BODY))
    assert get(begun).read_bytes() == BODY
    assert len(server.gets("/net")) == 1


def test_a_weak_tag_is_no_validator_but_the_time_is(server, cache_folder):
    headers = {"ETag": 'W/"1"', "Last-Modified": "Mon, 02 Jan 2017 00:00:00 GMT"}
    file = remote(server.answer("/net", Answer(BODY, headers=headers, stop_after=1_500_000)))
    with pytest.raises(WeightsUnavailableError):
        get(file)
    assert server.gets("/net")[-1]["If-Range"] == headers["Last-Modified"]


def test_two_halves_of_two_versions_are_thrown_away(server, cache_folder):
    """A server without validator cannot tell that its file changed, but the digest can."""
    file = remote(server.answer("/net", Answer(WRONG, stop_after=1_500_000)))
    with pytest.raises(WeightsUnavailableError):
        get(file)
    server.answer("/net", Answer(BODY, ranges=True))
    server.requests.clear()
    assert get(file).read_bytes() == BODY
    assert [asked["Range"] for asked in server.gets("/net")] == ["bytes=1048576-", None]


def test_without_digest_and_validator_nothing_is_continued(server, cache_folder):
    file = remote(server.answer("/net", Answer(BODY, stop_after=1_500_000)), digest=None)
    with pytest.raises(WeightsUnavailableError):
        get(file)
    assert [asked["Range"] for asked in server.gets("/net")] == [None] * 3


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", 416),
        Answer(
            BODY[5 : len(BODY) + 5 - 2**20],
            206,
            {"Content-Range": f"bytes 5-{len(BODY) - 1}/{len(BODY)}"},
        ),
        Answer(BODY[2**20 :], 206, {"Content-Range": f"bytes {2**20}-9999999/10000000"}),
        Answer(BODY[2**20 :], 206),
    ],
    ids=["refused", "other start", "other length", "unsaid"],
)
def test_a_range_that_does_not_fit_starts_anew(server, begun, answer):
    """Also where no digest would tell it afterwards."""
    server.answer("/net", answer, Answer(BODY, etag='"1"', ranges=True))
    assert get(remote(*begun.urls, digest=None, size=None)).read_bytes() == BODY
    assert [asked["Range"] for asked in server.gets("/net")] == ["bytes=1048576-", None]


def test_another_address_is_not_continued(server, begun):
    other = server.answer("/other", Answer(BODY, etag='"1"', ranges=True))
    assert get(remote(other)).read_bytes() == BODY
    assert server.gets("/other")[0]["Range"] is None


def test_a_part_without_its_note_is_not_continued(server, cache_folder, begun):
    (cache_folder / ".net.pth.part.json").write_text("{")
    server.answer("/net", Answer(BODY, etag='"1"', ranges=True))
    assert get(begun).read_bytes() == BODY
    assert server.gets("/net")[0]["Range"] is None


def test_a_part_that_is_whole_is_not_asked_for_again(server, cache_folder, begun):
    (cache_folder / ".net.pth.part").write_bytes(BODY)
    assert get(begun).read_bytes() == BODY
    assert server.requests == []
    assert kept(cache_folder) == {"net.pth", "net.pth.json"}


def test_an_interruption_by_the_user_keeps_the_part(server, cache_folder, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    file = remote(server.answer("/net", Answer(BODY, etag='"1"', ranges=True)))
    with monkeypatch.context() as patch:
        patch.setattr(download, "_no_bar", interrupted)
        with pytest.raises(KeyboardInterrupt):
            get(file)
    assert get(file).read_bytes() == BODY
    assert server.gets("/net")[1]["Range"] == "bytes=1048576-"


def test_a_killed_process_leaves_what_the_next_one_needs(server, cache_folder):
    stalled = Answer(BODY, etag='"1"', stop_after=2_500_000, then="wait")
    url = server.answer("/net", stalled, Answer(BODY, etag='"1"', ranges=True))
    part = cache_folder / ".net.pth.part"
    with child(url) as process:
        wait_until(lambda: part.exists() and part.stat().st_size == 2 * 2**20)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert not (cache_folder / "net.pth").exists()
    assert json.loads((cache_folder / ".net.pth.part.json").read_text())["validator"] == '"1"'
    assert get(remote(url)).read_bytes() == BODY  # the lock of the dead process does not count
    assert server.gets("/net")[1]["Range"] == "bytes=2097152-"
    assert kept(cache_folder) == {"net.pth", "net.pth.json"}


def test_two_processes_download_once(server, cache_folder):
    url = server.answer("/net", Answer(BODY, stop_after=1_500_000, then="wait"))
    with child(url) as first:
        wait_until(lambda: server.requests)
        with child(url) as second:
            assert "Waiting for another process" in second.stderr.readline()
            server.release.set()
            for process in (first, second):
                assert process.stdout.read().strip() == str(cache_folder / "net.pth")
                assert process.wait() == 0
    assert len(server.gets("/net")) == 1
    assert (cache_folder / "net.pth").read_bytes() == BODY
