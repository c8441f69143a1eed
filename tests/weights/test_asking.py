"""What a server's answer means: content, an error that may pass, or one that lasts."""

import pytest
from weights.scripted_server import Answer

from keras_classic_cnns.weights.asking import (
    DownloadError,
    NoSuchRangeError,
    PassingError,
    ask,
    content_size,
)

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.mark.parametrize(
    "answer, headers, size",
    [
        (Answer(b"12345"), {}, 5),
        (Answer(b"12345", ranges=True), {"Range": "bytes=2-"}, 5),
        (Answer(b"12345"), {"Range": "bytes=2-"}, 5),
        (Answer(b"12345", headers={"Content-Length": None}), {}, None),
        (Answer(b"12345", headers={"Content-Encoding": "gzip"}), {}, None),
        (Answer(b"12345", 206, {"Content-Range": "bytes 0-4/*"}), {}, None),
    ],
    ids=["whole", "part", "no ranges", "no length", "packed", "unknown"],
)
def test_the_size_is_that_of_the_whole_file(server, answer, headers, size):
    with ask(server.answer("/net", answer), headers) as response:
        assert content_size(response) == size


@pytest.mark.parametrize(
    "answer, error, message",
    [
        (Answer(b"", 404), DownloadError, "HTTP 404 Not Found"),
        (Answer(b"", 403), DownloadError, "HTTP 403 Forbidden"),
        (Answer(b"", 429), PassingError, "HTTP 429 Too Many Requests"),
        (Answer(b"", 503), PassingError, "HTTP 503 Service Unavailable"),
        (Answer(b"", 416), NoSuchRangeError, "HTTP 416 Requested Range Not Satisfiable"),
        (Answer(b"", 302, {"Location": "/net"}), DownloadError, "Exceeded 30 redirects."),
    ],
)
def test_an_answer_without_content_is_an_error(server, answer, error, message):
    with pytest.raises(error) as caught:
        ask(server.answer("/net", answer), {})
    assert (type(caught.value), str(caught.value)) == (error, message)


def test_the_pause_that_a_server_wants_is_passed_on(server):
    for value, seconds in (("7", 7.0), ("soon", None)):
        url = server.answer("/net", Answer(b"", 503, {"Retry-After": value}))
        with pytest.raises(PassingError) as caught:
            ask(url, {})
        assert caught.value.pause_s == seconds


def test_a_server_that_is_not_there_may_come_back(server):
    server.close()
    with pytest.raises(PassingError, match="^the connection failed: .*refused"):
        ask(f"{server.url}/net", {})


def test_offline_nobody_is_asked(server, monkeypatch):
    monkeypatch.setenv("KCC_OFFLINE", "1")
    with pytest.raises(DownloadError, match="^not tried, since KCC_OFFLINE forbids the network$"):
        ask(server.answer("/net", Answer(b"12345")), {})
    assert server.gets("/net") == []
