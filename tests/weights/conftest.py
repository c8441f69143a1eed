"""A cache of its own and a scripted server for each test, with pauses cut short."""

import pytest
from harness import randomise
from weights.scripted_server import ScriptedServer

import keras_classic_cnns as kcc
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


@pytest.fixture(scope="module")
def trained():
    """A SqueezeNet11 for images of 64x64 and ten classes."""
    model = kcc.SqueezeNet11(weights=None, input_shape=(64, 64, 3), classes=10)
    randomise(model)
    return model


@pytest.fixture(scope="module")
def checkpoint(trained, tmp_path_factory):
    """The model as torchvision would save it."""
    path = tmp_path_factory.mktemp("torch") / "squeezenet.safetensors"
    kcc.to_torch_state_dict(trained, path)
    return path
