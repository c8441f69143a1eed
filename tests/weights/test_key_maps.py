"""Every key map leads a whole file of its library into a whole model.

That the outputs are the library's as well is shown by `conformance/test_parity.py` for torchvision
and timm, and by `test_convert_keras.py` for `keras.applications`.
"""

import re

import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import get_key_map, list_key_maps, load_arrays
from keras_classic_cnns.weights.key_map import find_path

PEERS = {
    (peer.key_map, bool(peer.options.get("aux_heads"))): (name, peer)
    for name, peers in torch_weights.all_peers().items()
    for peer in reversed(peers)
}
SLOW = ("inception_v4", "inception_resnet_v2", "nasnet")  # to build
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


LARGE = 2**20  # values, above which one value is repeated, since drawing and sorting take long


def filled(table):
    """Seeded noise for every key, no two alike."""
    small = {key: shape for key, shape in table.items() if np.prod(shape) <= LARGE}
    arrays = torch_weights.fill(small)
    for number, (key, shape) in enumerate(table.items()):
        arrays.setdefault(key, np.broadcast_to(np.float32(number), shape))
    return arrays


def fingerprint(array):
    """What an array keeps when its axes are moved: its size and its values, in order."""
    array = np.asarray(array, "float32")
    ends = np.sort(array, axis=None) if array.size <= LARGE else [np.min(array), np.max(array)]
    return array.size, np.asarray(ends).tobytes()


def assert_round_trip(model, arrays, key_map, without):
    """Each array is in the model once, and nothing else is in it."""
    load_arrays(model, arrays, key_map)
    used = [value for key, value in arrays.items() if not re.fullmatch(without, key)]
    assert sorted(map(fingerprint, used)) == sorted(map(fingerprint, model.get_weights()))


@pytest.mark.parametrize(("name", "peer"), CASES)
def test_torch(name, peer):
    has_aux, has_top = bool(peer.options.get("aux_heads")), name != "vgg"
    size = max(peer.sizes) if has_aux else min(peer.sizes)
    model = kcc.get_model(
        peer.ours, include_top=has_top, input_shape=(size, size, 3), **peer.options, weights=None
    )
    without = r".*\.num_batches_tracked" + ("" if has_aux else r"|(aux|Aux).*")
    without += "" if has_top else r"|(classifier|pre_logits|head)\..*"
    arrays = filled(torch_weights.shapes(name, peer.peer))
    assert_round_trip(model, arrays, get_key_map(peer.key_map), without)


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
    arrays = filled(torch_weights.shapes("onnx", key_map))
    model = kcc.get_model(ours, **options, weights=None)
    assert_round_trip(model, arrays, get_key_map(key_map), r"OC2_DUMMY_\d")


def test_nin():
    """No library has it; the port numbers Caffe's layers, ReLU, pooling and dropout among them."""
    model = kcc.NiN(input_shape=(67, 67, 3), weights=None)
    kernels = [weight.shape for weight in model.weights if weight.name == "kernel"]
    table = {}
    for number, shape in zip((0, 2, 4, 7, 9, 11, 14, 16, 18, 22, 24, 26), kernels, strict=True):
        table[f"features.{number}.weight"] = [shape[3], shape[2], *shape[:2]]
        table[f"features.{number}.bias"] = [shape[3]]
    assert_round_trip(model, filled(table), get_key_map("nin"), "")


@pytest.mark.parametrize("name", ["vgg11", "vgg13_bn", "vgg16", "vgg19_bn"])
def test_both_names_of_the_dense_layers_of_vgg(name):
    """timm's are convolutions over the whole map."""
    names = {
        "fc6": ("classifier.0", "pre_logits.fc1"),
        "fc7": ("classifier.3", "pre_logits.fc2"),
        "predictions": ("classifier.6", "head.fc"),
    }
    for ours, theirs in names.items():
        for layer in theirs:
            assert find_path(f"{layer}.bias", get_key_map(name), [f"{ours}/bias"])


@pytest.mark.parametrize("key_map", ["inception_v4", "inception_resnet_v2", "nasnet"])
def test_files_of_slim_have_a_background_class(key_map):
    assert get_key_map(key_map).background == 1001


@pytest.mark.parametrize("name", list_key_maps())
def test_no_two_rules_are_the_same(name):
    rules = get_key_map(name).rules
    assert len(set(rules)) == len(rules)


def test_every_map_is_tried():
    from weights.test_convert_keras import MAPS

    assert {map_ for map_, _ in PEERS} | set(ONNX) | MAPS | {"nin"} == set(list_key_maps())
