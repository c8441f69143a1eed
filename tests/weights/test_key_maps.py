"""Every key map leads a whole file of its library into a whole model.

That the outputs are the library's as well is shown by `conformance/test_parity.py` for torchvision
and timm, and by `test_convert_keras.py` for `keras.applications`.
"""

import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import get_key_map, list_key_maps, load_arrays

PEERS = {
    (peer.key_map, bool(peer.options.get("aux_heads"))): (name, peer)
    for name, peers in torch_weights.all_peers().items()
    for peer in reversed(peers)
}
# They take long to build, or long to draw the weights of; two of VGG's maps are tried whole
SLOW = ("inception_v4", "inception_resnet_v2", "nasnet", "vgg13", "vgg16", "vgg19")
CASES = [
    pytest.param(
        *PEERS[case],
        id=f"{case[0]}{'-aux' * case[1]}",
        marks=[pytest.mark.exhaustive] if case[0].startswith(SLOW) else [],
    )
    for case in sorted(PEERS)
]
# Names and shapes are those of the light models in the Python package `onnx` 1.23.2
ONNX = ["alexnet_onnx", "googlenet_onnx", "squeezenet1_1_onnx", "vgg_onnx"]


def fingerprint(array):
    """What an array keeps when its axes are moved: its values, in order."""
    return np.sort(np.asarray(array, "float32"), axis=None).tobytes()


def assert_round_trip(model, arrays, key_map):
    """Each array is in the model once, and nothing else is in it."""
    load_arrays(model, arrays, key_map)
    used = sorted(
        fingerprint(value)
        for key, value in arrays.items()
        if not any(part in key for part in ("num_batches_tracked", "OC2_DUMMY"))
    )
    assert used == sorted(map(fingerprint, model.get_weights()))


@pytest.mark.parametrize(("name", "peer"), CASES)
def test_torch(name, peer):
    size = max(peer.sizes) if peer.options.get("aux_heads") else min(peer.sizes)
    model = kcc.get_model(peer.ours, input_shape=(size, size, 3), **peer.options)
    state = torch_weights.fill(torch_weights.shapes(name, peer.peer))
    if not peer.options.get("aux_heads"):
        state = {key: value for key, value in state.items() if "aux" not in key.lower()}
    assert_round_trip(model, state, get_key_map(peer.key_map))


@pytest.mark.parametrize(
    ("key_map", "ours", "options"),
    [
        ("alexnet_onnx", "alexnet", {"lrn": "caffe"}),
        ("googlenet_onnx", "googlenet", {}),
        ("squeezenet1_1_onnx", "squeezenet11", {}),
        pytest.param("vgg_onnx", "vgg19", {}, marks=pytest.mark.exhaustive),
    ],
)
def test_onnx(key_map, ours, options):
    state = torch_weights.fill(torch_weights.shapes("onnx", key_map))
    assert_round_trip(kcc.get_model(ours, **options), state, get_key_map(key_map))


def test_auxiliary_heads_are_left_out_where_the_model_has_none():
    model = kcc.GoogLeNet(variant="bn", input_shape=(64, 64, 3))
    state = torch_weights.fill(torch_weights.shapes("googlenet", "torchvision/googlenet"))
    assert any(key.startswith("aux2.") for key in state)
    load_arrays(model, state, get_key_map("googlenet"))
    np.testing.assert_array_equal(model.get_layer("predictions").bias, state["fc.bias"])


def test_both_forms_of_the_dense_layers_of_vgg():
    """timm's are convolutions over the whole map."""
    model = kcc.VGG11(input_shape=(32, 32, 3), classes=10)
    table = torch_weights.shapes("vgg", "torchvision/vgg11")
    state = torch_weights.fill(
        {**table, "classifier.6.weight": [10, 4096], "classifier.6.bias": [10]}
    )
    load_arrays(model, state, get_key_map("vgg11"))
    kernel = np.array(model.get_layer("fc6").kernel)
    forms = {
        "classifier.0": ("pre_logits.fc1", (4096, 512, 7, 7)),
        "classifier.3": ("pre_logits.fc2", (4096, 4096, 1, 1)),
        "classifier.6": ("head.fc", (10, 4096)),
    }
    timm = {key: value for key, value in state.items() if key.startswith("features")}
    for old, (new, shape) in forms.items():
        timm[f"{new}.weight"] = state[f"{old}.weight"].reshape(shape)
        timm[f"{new}.bias"] = state[f"{old}.bias"]
    load_arrays(model, timm, get_key_map("vgg11"))
    np.testing.assert_array_equal(model.get_layer("fc6").kernel, kernel)
    theirs = state["classifier.0.weight"].reshape(4096, 512, 7, 7)
    np.testing.assert_array_equal(kernel.reshape(7, 7, 512, 4096)[2, 5], theirs[:, :, 2, 5].T)


@pytest.mark.parametrize("key_map", ["inception_v4", "inception_resnet_v2", "nasnet"])
def test_files_of_slim_have_a_background_class(key_map):
    assert get_key_map(key_map).background == 1001


@pytest.mark.parametrize("name", list_key_maps())
def test_no_two_rules_are_the_same(name):
    rules = get_key_map(name).rules
    assert len(set(rules)) == len(rules)


def test_every_map_is_tried():
    from weights.test_convert_keras import MAPS

    assert {map_ for map_, _ in PEERS} | set(ONNX) | MAPS == set(list_key_maps())
