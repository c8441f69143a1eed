"""Fetching a weights file through everything that networks and disks do."""

import hashlib
import json
import os

import numpy as np
import pytest
from weights.fetching import BODY, SHA256, WRONG, archive, get, kept, remote
from weights.scripted_server import Answer

from keras_classic_cnns.core.errors import WeightsCorruptError, WeightsUnavailableError
from keras_classic_cnns.weights import session, store
from keras_classic_cnns.weights.cache import Entry
from keras_classic_cnns.weights.digest import Digest, WrongBytesError
from keras_classic_cnns.weights.store import fetch


def test_downloads_once_and_records_what_came(server, cache_folder):
    url = server.answer("/net", Answer(BODY))
    path = get(remote(url))
    assert path == cache_folder / "net.pth"
    assert path.read_bytes() == BODY
    assert get(remote(url)) == path
    assert len(server.gets("/net")) == 1
    assert kept(cache_folder) == {"net.pth", "net.pth.json"}
    record = json.loads((cache_folder / "net.pth.json").read_text())
    assert record["url"] == url
    assert (record["kind"], record["value"]) == ("sha256", SHA256.value)
    assert (record["sha256"], record["size"]) == (SHA256.value, len(BODY))
    assert record["mtime_ns"] == path.stat().st_mtime_ns
    assert record["time"].endswith("+00:00")


def test_says_who_asks(server, cache_folder):
    from keras_classic_cnns import __version__

    get(remote(server.answer("/net", Answer(BODY))))
    assert server.gets("/net")[0]["User-Agent"] == f"keras-classic-cnns/{__version__}"


@pytest.mark.parametrize(
    "digest",
    [
        Digest("sha256_prefix", SHA256.value[:8]),
        Digest("sha1", hashlib.sha1(BODY).hexdigest()),
        Digest("md5", hashlib.md5(BODY).hexdigest()),
        Digest("git_blob", hashlib.sha1(b"blob %d\0" % len(BODY) + BODY).hexdigest()),
        None,
    ],
    ids=str,
)
@pytest.mark.parametrize("length", [len(BODY), None])
def test_every_kind_of_digest_with_and_without_a_length(server, cache_folder, digest, length):
    url = server.answer("/net", Answer(BODY, headers={"Content-Length": length}))
    path = get(remote(url, digest=digest, size=None))
    assert path.read_bytes() == BODY
    assert json.loads((cache_folder / "net.pth.json").read_text())["sha256"] == SHA256.value


@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_broken_connection_goes_on_where_it_stopped(server, cache_folder, then):
    whole = Answer(BODY, etag='"1"', ranges=True)
    broken = Answer(BODY, etag='"1"', ranges=True, stop_after=2_500_000, then=then)
    assert get(remote(server.answer("/net", broken, whole))).read_bytes() == BODY
    first, second = server.gets("/net")
    assert "Range" not in first
    if then == "close":  # a reset loses what is on its way
        assert second["Range"] == "bytes=2097152-"
        assert second["If-Range"] == '"1"'


def test_a_body_that_is_always_cut_off_fails_but_is_kept_for_later(server, cache_folder):
    cut = Answer(BODY, stop_after=1_500_000)
    file = remote(server.answer("/net", cut))
    with pytest.raises(WeightsUnavailableError, match="failed: IncompleteRead.* .3 tries"):
        get(file)
    assert kept(cache_folder) == {".net.pth.part", ".net.pth.part.json"}
    server.answer("/net", Answer(BODY, ranges=True))
    assert get(file).read_bytes() == BODY
    assert server.gets("/net")[-1]["Range"] == "bytes=1048576-"
    assert kept(cache_folder) == {"net.pth", "net.pth.json"}


def test_a_body_without_length_that_is_cut_off(server, cache_folder):
    cut = Answer(BODY, headers={"Content-Length": None}, stop_after=1_500_000)
    file = remote(server.answer("/net", cut, Answer(BODY)))
    assert get(file).read_bytes() == BODY
    assert len(server.gets("/net")) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (WRONG, f"received sha256:{hashlib.sha256(WRONG).hexdigest()}, expected {SHA256}"),
        (b"<html>log in</html>", f"19 bytes, expected {len(BODY)}"),
    ],
    ids=["bytes", "length"],
)
def test_wrong_bytes_are_never_kept(server, cache_folder, body, reason):
    file = remote(server.answer("/a", Answer(body)), server.answer("/b", Answer(body)))
    with pytest.raises(WeightsCorruptError) as error:
        get(file)
    assert str(error.value).count(reason) == 2
    assert kept(cache_folder) == set()
    assert len(server.gets("/a")) == len(server.gets("/b")) == 1


def test_wrong_bytes_without_length_do_not_fill_the_disk(server, cache_folder):
    endless = Answer(BODY + BODY, headers={"Content-Length": None})
    with pytest.raises(WeightsCorruptError, match="more than the 3072000 bytes"):
        get(remote(server.answer("/net", endless)))
    assert kept(cache_folder) == set()


@pytest.mark.parametrize("status", [204, 304, 403, 404, 410])
def test_what_is_not_there_is_asked_for_once(server, cache_folder, status):
    url = server.answer("/net", Answer(b"", status))
    with pytest.raises(WeightsUnavailableError, match=f"{url}: HTTP {status} ") as error:
        get(remote(url))
    assert not isinstance(error.value, WeightsCorruptError)
    assert len(server.gets("/net")) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_server_is_asked_again(server, cache_folder, status):
    busy = Answer(b"", status)
    file = remote(server.answer("/net", busy, busy, Answer(BODY)))
    assert get(file).read_bytes() == BODY
    server.answer("/net", busy)
    (cache_folder / "net.pth").unlink()
    with pytest.raises(WeightsUnavailableError, match=rf"HTTP {status} .* \(3 tries\)"):
        get(file)


def test_a_stalled_server_is_given_up_and_the_next_source_asked(server, cache_folder, monkeypatch):
    monkeypatch.setattr(session, "TIMEOUT_S", 0.2)
    stalled = server.answer("/a", Answer(BODY, stop_after=10, then="wait"))
    file = remote(stalled, server.answer("/b", Answer(BODY)))
    assert get(file).read_bytes() == BODY
    assert len(server.gets("/a")) == 3
    assert json.loads((cache_folder / "net.pth.json").read_text())["url"] == file.urls[1]


def test_a_server_that_is_not_there(server, cache_folder):
    gone = "http://127.0.0.1:1/net"
    with pytest.raises(WeightsUnavailableError, match=r"Connection refused.* \(3 tries\)"):
        get(remote(gone))
    assert get(remote(gone, server.answer("/net", Answer(BODY)))).read_bytes() == BODY


def test_a_redirect_is_followed(server, cache_folder):
    url = server.answer("/old", Answer(b"", 302, {"Location": "/new"}))
    server.answer("/new", Answer(BODY))
    assert get(remote(url)).read_bytes() == BODY


def test_a_redirect_in_a_circle(server, cache_folder):
    url = server.answer("/net", Answer(b"", 302, {"Location": "/net"}))
    with pytest.raises(WeightsUnavailableError, match="Exceeded 30 redirects"):
        get(remote(url))


def test_the_error_says_what_was_tried_and_what_to_do(server, cache_folder):
    file = remote(
        server.answer("/a", Answer(b"", 404)), server.answer("/b", Answer(WRONG)), size=None
    )
    with pytest.raises(WeightsCorruptError) as error:
        get(file)
    message = str(error.value)
    assert f"{file.urls[0]}: HTTP 404" in message
    assert f"{file.urls[1]}: received sha256:" in message
    assert f"Expected: {SHA256}, no size is published" in message
    assert f"save it as\n  {cache_folder / 'net.pth'}\n" in message
    assert "`weights=None`" in message


@pytest.mark.parametrize("switch", ["KCC_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_the_network_is_not_touched(server, cache_folder, monkeypatch, switch):
    file = remote(server.answer("/net", Answer(BODY)))
    monkeypatch.setenv(switch, "1")
    with pytest.raises(WeightsUnavailableError, match=f"{file.urls[0]}: .* {switch} forbids"):
        get(file)
    assert server.requests == []
    (cache_folder / "net.pth").write_bytes(BODY)  # by hand, as the error says
    assert get(file).read_bytes() == BODY
    monkeypatch.setenv(switch, "0")
    (cache_folder / "net.pth").unlink()
    assert get(file).read_bytes() == BODY
    assert len(server.requests) == 1


def test_a_file_put_by_hand_that_is_wrong_is_removed(server, cache_folder, monkeypatch, caplog):
    monkeypatch.setenv("KCC_OFFLINE", "1")
    cache_folder.mkdir(parents=True)
    (cache_folder / "net.pth").write_bytes(WRONG)
    file = remote("https://example.org/net")
    with pytest.raises(WeightsCorruptError, match=r"net.pth \(removed\): received sha256:"):
        get(file)
    assert kept(cache_folder) == set()
    assert "is not the right file and was removed" in caplog.text


def test_a_file_that_was_tampered_with_is_fetched_again(server, cache_folder):
    file = remote(server.answer("/net", Answer(BODY)))
    path = get(file)
    path.write_bytes(WRONG)
    os.utime(path, (1, 1))
    assert get(file).read_bytes() == BODY
    assert len(server.gets("/net")) == 2


def test_the_first_download_without_digest_is_pinned(server, cache_folder):
    file = remote(server.answer("/net", Answer(BODY), Answer(WRONG)), digest=None)
    get(file).unlink()
    with pytest.raises(WeightsCorruptError, match=f"expected sha256:{SHA256.value}, which came"):
        get(file)
    assert kept(cache_folder) == {"net.pth.json"}
    (cache_folder / "net.pth.json").unlink()
    assert get(file).read_bytes() == WRONG


def test_a_member_of_a_zip_is_all_that_is_kept(server, cache_folder):
    url = server.answer("/net.zip", Answer(archive(weights=BODY, other=b"x")))
    path = get(remote(url, member="weights"))
    assert path.read_bytes() == BODY
    assert kept(cache_folder) == {"net.pth", "net.pth.json"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (archive(weights=WRONG), "received sha256:"),
        (archive(weights=BODY + b"x"), "would have 3072001 bytes, which is too many"),
        (archive(weights=BODY[:-1]), "3071999 bytes"),
        (archive(other=BODY), "the archive has no 'weights'"),
        (b"no archive", "no readable archive: File is not a zip file"),
        (archive(weights=BODY)[:-50], "no readable archive"),
        (archive(weights=BODY).replace(b"\x08", b"\x63"), "no readable archive"),
    ],
    ids=["bytes", "long", "short", "other", "text", "cut", "method"],
)
def test_archives_that_are_wrong(server, cache_folder, body, reason):
    file = remote(server.answer("/net.zip", Answer(body)), member="weights")
    with pytest.raises(WeightsCorruptError, match=reason) as error:
        get(file)
    assert "download the member 'weights' of the archive elsewhere" in str(error.value)
    assert kept(cache_folder) == set()


@pytest.mark.parametrize("packing", ["STORED", "DEFLATED", "BZIP2", "LZMA"])
def test_damaged_archives_are_wrong_and_nothing_else(cache_folder, monkeypatch, packing):
    """Whatever zipfile stumbles over is one error, and not taken for a fault of the disk."""
    whole = archive(packing, weights=BODY[:3000])
    digest = Digest("sha256", hashlib.sha256(BODY[:3000]).hexdigest())
    entry = Entry(remote("http://example.org", digest=digest, size=3000, member="weights"))
    cache_folder.mkdir(parents=True)
    monkeypatch.setattr(store.os, "fsync", lambda _: None)
    random, wrong = np.random.RandomState(0), 0
    for _ in range(400):
        damaged = bytearray(whole)
        # the headers are at both ends
        place = random.choice([random.randint(60), len(whole) - 1 - random.randint(120)])
        damaged[place : place + random.randint(1, 4)] = random.bytes(random.randint(4))
        entry.part.write_bytes(damaged)
        try:
            assert store._unpack(entry).matches()
        except WrongBytesError:
            wrong += 1
    assert wrong > 100


def test_a_member_of_unknown_size_is_limited(server, cache_folder, monkeypatch):
    url = server.answer("/net.zip", Answer(archive(weights=BODY)))
    monkeypatch.setattr(store, "LARGEST_MEMBER", 1_000_000)
    with pytest.raises(WeightsCorruptError, match="too many"):
        get(remote(url, member="weights", size=None))


def test_a_bar_shows_the_download_in_mebibytes(server, cache_folder, capsys):
    url = server.answer("/net", Answer(BODY))
    fetch(remote(url))
    shown = capsys.readouterr().out
    assert f"Downloading {url}" in shown
    assert "3/3" in shown and "/MiB" in shown
    (cache_folder / "net.pth").unlink()
    get(remote(url))
    assert capsys.readouterr().out == ""
