"""A cache of its own and a scripted server for each test, with pauses cut short."""

import pytest
from weights.scripted_server import ScriptedServer

from keras_classic_cnns.weights import download

_VARIABLES = ("KCC_OFFLINE", "HF_HUB_OFFLINE", "HF_ENDPOINT", "HF_TOKEN")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def server():
    """A web server on this machine."""
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def cache_folder(tmp_path, monkeypatch):
    """The folder of the cache, which does not exist yet; nothing of the user's environment."""
    for name in (*_VARIABLES, *_PROXIES, *(name.upper() for name in _PROXIES)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(download, "BACKOFF_S", 0.01)
    return tmp_path / "keras" / "models" / "keras_classic_cnns"
