"""Who is asked, with what in the request, and where it may lead."""

import pytest
import requests
from weights.fetching import BODY, get, remote
from weights.scripted_server import Answer

from keras_classic_cnns.core.errors import WeightsUnavailableError
from keras_classic_cnns.weights import session

HUB = "https://huggingface.co/timm/net/resolve/main/net.pth"
PATH = "/timm/net/resolve/main/net.pth"


@pytest.fixture
def hub(server, cache_folder, monkeypatch):
    """The server as a mirror of the hub, and a token for it."""
    monkeypatch.setenv("HF_ENDPOINT", f"{server.url}/")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    return server


def test_a_mirror_stands_in_for_the_hub_and_gets_the_token(hub):
    hub.answer(PATH, Answer(BODY))
    get(remote(HUB))
    assert hub.gets(PATH)[0]["Authorization"] == "Bearer hf_secret"


def test_the_error_names_the_mirror(hub):
    with pytest.raises(WeightsUnavailableError, match=f"{hub.url}{PATH}: HTTP 404"):
        get(remote(HUB))


def test_without_a_token_there_is_no_authorization(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "")
    hub.answer(PATH, Answer(BODY))
    get(remote(HUB))
    assert "Authorization" not in hub.gets(PATH)[0]


@pytest.mark.parametrize(
    ("host", "token"), [("localhost", None), ("127.0.0.1", "Bearer hf_secret")]
)
def test_the_token_follows_a_redirect_to_the_same_host_only(hub, host, token):
    hub.answer(PATH, Answer(b"", 302, {"Location": f"http://{host}:{hub.port}/cdn"}))
    hub.answer("/cdn", Answer(BODY))
    get(remote(HUB))
    assert hub.gets(PATH)[0]["Authorization"] == "Bearer hf_secret"
    assert hub.gets("/cdn")[0]["Authorization"] == token


def test_other_hosts_never_see_the_token(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    get(remote(hub.answer("/net", Answer(BODY))))
    assert "Authorization" not in hub.gets("/net")[0]


def test_a_password_file_does_not_replace_the_token(hub, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    hub.answer(PATH, Answer(BODY))
    get(remote(HUB))
    assert hub.gets(PATH)[0]["Authorization"] == "Bearer hf_secret"


def test_only_whole_addresses_of_the_hub_are_replaced(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example")
    assert session.resolve(HUB) == f"https://mirror.example{PATH}"
    for other in ("https://huggingface.com/x", "https://huggingface.co.example/x"):
        assert session.resolve(other) == other
    monkeypatch.delenv("HF_ENDPOINT")
    assert session.resolve(HUB) == HUB


def test_proxies_come_from_the_environment(server, cache_folder, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.answer("http://weights.example/net", Answer(BODY))
    assert get(remote("http://weights.example/net")).read_bytes() == BODY


def redirect(start, target):
    response = requests.Response()
    response.status_code = 302
    response.url = start
    response.headers["Location"] = target
    return session.Session().get_redirect_target(response)


@pytest.mark.parametrize("target", ["http://a.example/x", "HTTP://b.example/x", "file:///etc/x"])
def test_a_redirect_does_not_leave_https(target):
    with pytest.raises(requests.exceptions.InvalidSchema, match="from https .* is refused"):
        redirect("https://a.example/", target)


@pytest.mark.parametrize("target", ["https://b.example/x", "/x", "//b.example/x"])
def test_a_redirect_within_https_is_followed(target):
    assert redirect("https://a.example/", target) == target


def test_a_redirect_from_http_may_go_anywhere_on_the_web():
    assert redirect("http://a.example/", "http://b.example/") == "http://b.example/"
    assert redirect("http://a.example/", "https://b.example/") == "https://b.example/"


def test_a_refused_redirect_is_not_tried_again(server, cache_folder):
    url = server.answer("/net", Answer(b"", 302, {"Location": "ftp://a.example/x"}))
    with pytest.raises(WeightsUnavailableError, match="No connection adapters"):
        get(remote(url))
    assert len(server.gets("/net")) == 1
