"""State dicts for torchvision and timm: names, layout, and which nets they are for."""

import re

import keras
import numpy as np
import pytest
import torch_weights
from harness import randomise
from safetensors import safe_open
from safetensors.numpy import load_file

import keras_classic_cnns as kcc
from keras_classic_cnns.core.errors import UnsupportedModelError
from keras_classic_cnns.weights import get_key_map, load_state_dict
from keras_classic_cnns.weights.torch_export import to_torch_state_dict

SMALL = {"densenet121", "preactresnet18", "resnet18", "seresnet18", "squeezenet10"}
PEERS = [
    pytest.param(
        name,
        peer,
        id=str(peer),
        marks=() if peer.ours in SMALL and not peer.exhaustive else pytest.mark.exhaustive,
    )
    for name, peers in torch_weights.all_peers().items()
    for peer in peers
    if peer.peer.startswith(("torchvision/", "timm/"))
]


def build(peer, **options):
    size = max(peer.sizes if peer.options.get("aux_heads") else peer.sizes[-1:])
    return kcc.get_model(
        peer.ours, weights=None, input_shape=(size, size, 3), **{**peer.options, **options}
    )


def expected(name, peer):
    """Shape by key in the other library, without heads that our net was not built with."""
    table = torch_weights.shapes(name, peer.peer)
    foreign = "" if peer.options.get("aux_heads") else r"(aux\d|AuxLogits)\..*"
    return {key: tuple(shape) for key, shape in table.items() if not re.fullmatch(foreign, key)}


@pytest.mark.parametrize("name, peer", PEERS)
def test_keys_and_shapes_are_theirs_and_lead_back(name, peer):
    model = build(peer)
    randomise(model)
    before = model.get_weights()
    state = to_torch_state_dict(model, peer=peer.peer)
    assert {key: array.shape for key, array in state.items()} == expected(name, peer)
    for weight in model.weights:
        weight.assign(weight * 0)
    load_state_dict(model, state, get_key_map(peer.key_map))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.fixture(scope="module")
def resnet18():
    model = kcc.ResNet18(weights=None, input_shape=(32, 32, 3), classes=7)
    randomise(model)
    return model


def test_a_file_holds_the_dict_and_whom_it_is_for(resnet18, tmp_path):
    state = to_torch_state_dict(resnet18, tmp_path / "folder" / "net.safetensors")
    stored = load_file(tmp_path / "folder" / "net.safetensors")
    assert stored.keys() == state.keys()
    for key, array in state.items():
        assert (
            stored[key].dtype
            == array.dtype
            == ("int64" if key.endswith("num_batches_tracked") else "float32")
        )
        np.testing.assert_array_equal(stored[key], array)
    assert state["fc.weight"].shape == (7, 512)
    with safe_open(tmp_path / "folder" / "net.safetensors", "numpy") as file:
        assert file.metadata() == {
            "format": "pt",
            "peer": "torchvision/resnet18",
            "peer_options": "{}",
        }


def test_a_failure_leaves_the_old_file(resnet18, tmp_path, monkeypatch):
    path = tmp_path / "net.safetensors"
    path.write_bytes(b"old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("safetensors.numpy.save_file", fail)
    with pytest.raises(OSError, match="disk full"):
        to_torch_state_dict(resnet18, path)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_trained_and_reloaded_model(tmp_path):
    model = kcc.SqueezeNet11(
        weights=None, input_shape=(32, 32, 1), classes=3, classifier_activation="sigmoid"
    )
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 32, 32, 1)), np.ones((2, 3)), verbose=0)
    model.save(tmp_path / "net.keras")
    ours = to_torch_state_dict(model)
    theirs = to_torch_state_dict(keras.models.load_model(tmp_path / "net.keras"))
    assert ours["features.0.weight"].shape == (64, 1, 3, 3)
    for key, array in ours.items():
        np.testing.assert_array_equal(array, theirs[key])


def test_under_another_name_the_peer_says_what_it_is():
    model = kcc.ResNet18(weights=None, input_shape=(32, 32, 3), name="mine")
    with pytest.raises(UnsupportedModelError, match="`peer` can say it.*Received: model='mine'"):
        to_torch_state_dict(model)
    assert "layer1.0.bn1.running_var" in to_torch_state_dict(model, peer="timm/resnet18")


def test_where_there_is_no_gamma_it_is_one():
    model = kcc.InceptionV4(weights=None, input_shape=(75, 75, 3))
    randomise(model)
    state = to_torch_state_dict(model)
    np.testing.assert_array_equal(state["features.0.bn.weight"], np.ones(32, "float32"))
    np.testing.assert_array_equal(
        state["features.0.bn.bias"], model.get_layer("stem_block1_bn1").beta
    )


def test_dropout_does_not_matter():
    model = kcc.SqueezeNet11(weights=None, input_shape=(32, 32, 3), dropout=0.0)
    assert "classifier.1.weight" in to_torch_state_dict(model)


def test_half_precision_leaves_as_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = kcc.SqueezeNet11(weights=None, input_shape=(32, 32, 3))
    assert to_torch_state_dict(model)["features.0.weight"].dtype == "float32"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            lambda: kcc.ResNet50(weights=None, input_shape=(32, 32, 3), stride_in="1x1"),
            r"torchvision/resnet50, timm/resnet50 would not compute what this model does. The "
            r"graph there is that of ResNet50\(\), but here 'stage2_block1_conv1' has "
            r"strides=\[2, 2\], not \[1, 1\]. Received: model='resnet50'",
        ),
        (
            lambda: kcc.GoogLeNet(weights=None, input_shape=(64, 64, 3)),
            r"of GoogLeNet\(variant='bn'\), but here 'stem_conv1' has use_bias=true, not false; of "
            r"GoogLeNet\(variant='bn', aux_heads=True\), but here",
        ),
        (
            lambda: kcc.ResNet18(weights=None, include_top=False, input_shape=(32, 32, 3)),
            r"ResNet18\(\), but here there is no 'avg_pool'",
        ),
        (
            lambda: kcc.SqueezeNet11(weights=None, input_shape=(32, 32, 3), bypass="simple"),
            r"SqueezeNet11\(\), but here 'stage2_pool' has inputs",
        ),
        (
            lambda: kcc.InceptionV3(weights=None, input_shape=(75, 75, 3)),
            r"variant='torch'\), but here 'stage1_block1_branch4_pool1' .*; of "
            r"InceptionV3\(variant='torch', aux_heads=True\), but here the input does not suit it",
        ),
        (lambda: kcc.LeNet5(weights=None), "Neither torchvision nor timm has LeNet5"),
    ],
    ids=["stride", "variant", "headless", "bypass", "too small for heads", "nobody"],
)
def test_what_they_do_not_have_is_refused(model, message):
    with pytest.raises(UnsupportedModelError, match=message):
        to_torch_state_dict(model())


def test_wrong_arguments(resnet18, tmp_path):
    with pytest.raises(TypeError, match="`model` must be a functional keras.Model"):
        to_torch_state_dict("resnet18")
    with pytest.raises(ValueError, match="must end with .safetensors. Received: path='a.pth'"):
        to_torch_state_dict(resnet18, "a.pth")
    with pytest.raises(ValueError, match="Did you mean 'torchvision/resnet18'.*Received: peer="):
        to_torch_state_dict(resnet18, peer="torchvision/resnet-18")
    with pytest.raises(UnsupportedModelError, match="timm/resnet34 would not compute"):
        to_torch_state_dict(resnet18, peer="timm/resnet34")
