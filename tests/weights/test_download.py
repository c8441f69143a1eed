"""Tries, pauses and limits of one download; what it looks like from outside is in test_store."""

import datetime
import email.utils

import pytest
from weights.fetching import BODY, remote
from weights.scripted_server import Answer

from keras_classic_cnns.weights import download
from keras_classic_cnns.weights.download import DownloadError
from keras_classic_cnns.weights.partial import PartialFile

BUSY = Answer(b"", 503)


@pytest.fixture
def pauses(monkeypatch, cache_folder):
    """The pauses, in seconds, which are not made."""
    made = []
    monkeypatch.setattr(download, "BACKOFF_S", 1.0)
    monkeypatch.setattr(download.time, "sleep", made.append)
    return made


def run(url, tmp_path, **fields):
    part = PartialFile(tmp_path / "part")
    checksum = download.download(url, part, remote(url, **fields), progress=False)
    assert part.path.read_bytes() == BODY
    return checksum


def test_pauses_double(server, pauses, tmp_path):
    run(server.answer("/net", BUSY, BUSY, Answer(BODY)), tmp_path)
    assert pauses == [1, 2]


def test_there_is_no_pause_after_the_last_try(server, pauses, tmp_path):
    with pytest.raises(DownloadError, match=r"HTTP 503 Service Unavailable \(3 tries\)"):
        run(server.answer("/net", BUSY), tmp_path)
    assert pauses == [1, 2]
    assert len(server.gets("/net")) == 3


def test_a_retry_says_so(server, pauses, tmp_path, caplog):
    url = server.answer("/net", BUSY, Answer(BODY))
    run(url, tmp_path)
    assert f"{url}: HTTP 503 Service Unavailable. Next try in 1 s" in caplog.text


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_when(server, pauses, tmp_path, status):
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)
    date = email.utils.format_datetime(later, usegmt=True)
    answers = (Answer(b"", status, {"Retry-After": value}) for value in ("7", date))
    run(server.answer("/net", *answers, Answer(BODY)), tmp_path)
    assert pauses[0] == 7
    assert 50 < pauses[1] <= 60


@pytest.mark.parametrize(
    ("value", "pause"), [("soon", 1), ("Mon, 02 Jan 2017 00:00:00 GMT", 0), ("-1", 1), ("", 1)]
)
def test_what_the_server_says_may_be_nonsense(server, pauses, tmp_path, value, pause):
    answer = Answer(b"", 429, {"Retry-After": value})
    run(server.answer("/net", answer, Answer(BODY)), tmp_path)
    assert pauses == [pause]


def test_a_server_that_wants_a_long_pause_is_given_up(server, pauses, tmp_path):
    url = server.answer("/net", Answer(b"", 429, {"Retry-After": "3600"}))
    with pytest.raises(DownloadError, match="HTTP 429 .* to be asked again in 3600 s"):
        run(url, tmp_path)
    assert pauses == []


def test_a_compressed_body_is_not_measured_by_its_length(server, pauses, tmp_path):
    import gzip

    headers = {"Content-Encoding": "gzip"}
    url = server.answer("/net", Answer(gzip.compress(BODY), headers=headers, etag='"1"'))
    assert run(url, tmp_path).matches()
    assert server.gets("/net")[0]["Accept-Encoding"] == "identity"
    assert PartialFile(tmp_path / "part").origin().validator is None


def test_size_and_digest_of_a_member_do_not_count_for_its_archive(server, pauses, tmp_path):
    checksum = run(server.answer("/net", Answer(BODY)), tmp_path, member="weights", size=3)
    assert checksum.received.startswith("sha256:")


def test_an_empty_file(server, pauses, tmp_path):
    url = server.answer("/net", Answer(b""))
    part = PartialFile(tmp_path / "part")
    download.download(url, part, remote(url, digest=None, size=None), progress=False)
    assert part.size() == 0


def test_a_part_that_nobody_asked_for(server, pauses, tmp_path):
    headers = {"Content-Range": f"bytes 0-{len(BODY) - 1}/{len(BODY)}"}
    with pytest.raises(DownloadError, match="another range than was asked for"):
        run(server.answer("/net", Answer(BODY, 206, headers)), tmp_path)
