"""The argument `weights` of constructors: names, files of other libraries, and what is refused."""

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
from harness import images
from weights.scripted_server import Answer

import keras_classic_cnns as kcc
from keras_classic_cnns.core.errors import WeightsUnavailableError
from keras_classic_cnns.preprocessing import MODES
from keras_classic_cnns.weights import argument, catalog
from keras_classic_cnns.weights.digest import Digest
from keras_classic_cnns.weights.remote import RemoteFile

SHAPE = {"input_shape": (64, 64, 3)}


@pytest.fixture
def public(checkpoint, server, cache_folder, monkeypatch):
    """A catalog whose weights of SqueezeNet11 lie on a server of this machine."""
    body = checkpoint.read_bytes()
    file = RemoteFile(
        "squeezenet.safetensors",
        (server.answer("/squeezenet", Answer(body)),),
        Digest("sha256", hashlib.sha256(body).hexdigest()),
        len(body),
    )
    entry = dataclasses.replace(
        catalog.find("squeezenet11", "imagenet"),
        file=file,
        format="safetensors",
        classes=10,
        preprocessing=MODES["tf"],
    )
    monkeypatch.setattr(catalog, "entries", lambda: (entry,))
    return server


def test_public_weights_are_fetched_once(public, trained):
    for _ in range(2):
        model = kcc.SqueezeNet11(weights="imagenet", **SHAPE, classes=10)
        np.testing.assert_array_equal(model(images(2, 64, 64, 3)), trained(images(2, 64, 64, 3)))
    assert len(public.gets("/squeezenet")) == 1


def test_the_preprocessing_belongs_to_the_weights(public):
    model = kcc.SqueezeNet11(weights="imagenet", **SHAPE, classes=10)
    assert kcc.preprocessing_for(model) == MODES["tf"]
    assert kcc.preprocessing_for(kcc.SqueezeNet11(**SHAPE, weights=None)) == MODES["torch"]


def test_other_classes_and_no_top(public, trained, caplog):
    other = kcc.SqueezeNet11(weights="imagenet", **SHAPE, classes=7)
    assert "all weights were loaded but those of 'predictions'" in caplog.text
    body = kcc.SqueezeNet11(weights="imagenet", **SHAPE, include_top=False)
    for model in (other, body):
        for layer in body.layers:
            for mine, theirs in zip(
                model.get_layer(layer.name).weights,
                trained.get_layer(layer.name).weights,
                strict=True,
            ):
                np.testing.assert_array_equal(mine, theirs)


def test_offline_says_what_to_do(public, monkeypatch):
    monkeypatch.setenv("KCC_OFFLINE", "1")
    with pytest.raises(WeightsUnavailableError, match="weights=None"):
        kcc.SqueezeNet11(weights="imagenet", **SHAPE)


def test_files_of_others_are_scaled_as_all_public_weights_of_the_graph(tmp_path):
    options = {"weights": None, "variant": "bn", "classes": 2, "input_shape": (64, 64, 3)}
    kcc.to_torch_state_dict(kcc.GoogLeNet(**options), tmp_path / "net.safetensors")
    model = kcc.GoogLeNet(**{**options, "weights": tmp_path / "net.safetensors"})
    assert kcc.preprocessing_for(model) == MODES["tf"]


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (3, TypeError, "the name of public weights. Received: weights=3"),
        ("imagnet", ValueError, "Did you mean 'imagenet'.*Received: weights='imagnet'"),
        ("nowhere.keras", ValueError, "does not exist. Received: weights='nowhere.keras'"),
        ("~/nowhere.pth", ValueError, "does not exist. Received: weights='~/nowhere.pth'"),
        ("models/resnet50", ValueError, "must end with .keras, .weights.h5, .safetensors"),
        (Path(__file__), ValueError, "must end with .*Received: weights='.*test_argument.py'"),
        ("nowhere.pth", ValueError, "does not exist. Received: weights='nowhere.pth'"),
    ],
)
def test_refuses(weights, error, message):
    with pytest.raises(error, match=message):
        kcc.ResNet50(weights=weights)


def test_the_default_is_to_load_public_weights(public, trained):
    model = kcc.SqueezeNet11(**SHAPE, classes=10)
    np.testing.assert_array_equal(model(images(2, 64, 64, 3)), trained(images(2, 64, 64, 3)))
    with pytest.raises(ValueError, match=r"for SqueezeNet11\(bypass='simple'\).*weights=None"):
        kcc.SqueezeNet11(**SHAPE, bypass="simple")


@pytest.mark.parametrize("source", ["imagenet", "checkpoint"])
def test_grey_images(public, checkpoint, trained, source):
    """A grey image gives what it gives as three equal channels."""
    weights = checkpoint if source == "checkpoint" else source
    options = {"weights": weights, "input_shape": (64, 64, 1), "classes": 10}
    model = kcc.SqueezeNet11(**options, adapt_input=True)
    grey = images(2, 64, 64, 1)
    expected = trained(np.repeat(grey, 3, axis=-1))
    np.testing.assert_allclose(model(grey), expected, rtol=1e-4, atol=1e-6)


def test_other_channels_are_refused_before_anything_is_fetched(public):
    with pytest.raises(ValueError, match="`adapt_input=True` adapts.*Received: channels=1"):
        kcc.SqueezeNet11(input_shape=(64, 64, 1), classes=10)
    assert not public.gets("/squeezenet")


def test_the_users_folder_may_be_a_tilde(checkpoint, trained, monkeypatch):
    monkeypatch.setenv("HOME", str(checkpoint.parent))
    model = kcc.SqueezeNet11(weights=f"~/{checkpoint.name}", **SHAPE, classes=10)
    np.testing.assert_array_equal(model(images(2, 64, 64, 3)), trained(images(2, 64, 64, 3)))


def test_nothing_is_loaded_without_weights():
    assert argument.weights_loader(None, kcc.get_spec("resnet50"), {}) is None
