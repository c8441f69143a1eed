"""Records of remote files refuse what would lead out of the cache."""

import pytest

from keras_classic_cnns.weights.remote import RemoteFile

URL = "https://example.org/net.pth"


@pytest.mark.parametrize("name", ["resnet50-0676ba61.pth", "a.tf2.h5", "net_1+2.onnx"])
def test_plain_names_are_taken(name):
    assert RemoteFile(name, (URL,)).name == name


@pytest.mark.parametrize("name", ["../net", "/net", "a/b", ".net.lock", "a\\b", "a b", "net\n"])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="plain file name .* Received: name="):
        RemoteFile(name, (URL,))


@pytest.mark.parametrize("urls", [(), ("file:///etc/passwd",), (URL, "ftp://a/b"), ("net",)])
def test_other_addresses_are_refused(urls):
    with pytest.raises(ValueError, match="`urls` must hold at least one .* Received: urls="):
        RemoteFile("net", urls)


def test_a_size_is_positive():
    with pytest.raises(ValueError, match="`size` must be at least 1"):
        RemoteFile("net", (URL,), size=0)
