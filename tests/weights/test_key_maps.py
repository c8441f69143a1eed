"""Every key map leads a whole file of its library into a whole model.

That the outputs are the library's as well is shown by `conformance/test_parity.py` for torchvision
and timm, and by `test_convert_keras.py` for `keras.applications`. The keys of tf2cv, MXNet and
`keras_applications` are those that these packages write themselves, in the releases and for the
nets that `goldens/parity/{tf2cv,mxnet,keras_applications}.shapes.json` name; there `{2..6}` stands
for each of these numbers.
"""

import dataclasses
import itertools
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


SLOWLY = pytest.mark.exhaustive
PREACT, TIMM = {"variant": "pytorchcv"}, {"variant": "timm"}
# Library, net, our map, our model and its options
OTHERS = [
    ("tf2cv", "resnet20_cifar10", "resnet_tf2cv", "resnet20", {"shortcut": "B"}),
    ("tf2cv", "resnet20_cifar10, called", "resnet_tf2cv", "resnet20", {"shortcut": "B"}),
    ("tf2cv", "preresnet18", "resnet_tf2cv", "preactresnet18", PREACT),
    ("tf2cv", "preresnet164bn_cifar10", "resnet_tf2cv", "preactresnet164", {"stride_in": "3x3"}),
    (
        "tf2cv",
        "resnext29_32x4d_cifar10",
        "resnet_tf2cv",
        "resnext29_8x64d",
        {"groups": 32, "group_width": 4},
    ),
    ("tf2cv", "seresnet50b", "resnet_tf2cv", "seresnet50", TIMM),
    pytest.param("tf2cv", "resnext50_32x4d", "resnet_tf2cv", "resnext50", {}, marks=SLOWLY),
    pytest.param("tf2cv", "senet154", "resnet_tf2cv", "senet154", TIMM, marks=SLOWLY),
    ("tf2cv", "densenet100_k12_bc_cifar10", "densenet_tf2cv", "densenetbc100_12", {}),
    pytest.param("tf2cv", "densenet121", "densenet_tf2cv", "densenet121", {}, marks=SLOWLY),
    ("tf2cv", "alexnetb", "vgg_tf2cv", "alexnetv2", {}),
    pytest.param("tf2cv", "zfnet", "vgg_tf2cv", "zfnet", {"variant": "tf2cv"}, marks=SLOWLY),
    pytest.param("tf2cv", "vgg16", "vgg_tf2cv", "vgg16", {}, marks=SLOWLY),
    pytest.param("tf2cv", "bn_vgg13b", "vgg_tf2cv", "vgg13", {"batch_norm": True}, marks=SLOWLY),
    ("tf2cv", "squeezenet_v1_1", "squeezenet1_1_tf2cv", "squeezenet11", {}),
    ("tf2cv", "inceptionv3", "inception_v3_tf2cv", "inceptionv3", {"variant": "torch"}),
    ("mxnet", "resnet18_v1", "resnet_mxnet", "resnet18", {}),
    ("mxnet", "squeezenet1_1", "squeezenet1_1_mxnet", "squeezenet11", {}),
    pytest.param("mxnet", "vgg16_bn", "vgg_mxnet", "vgg16", {"batch_norm": True}, marks=SLOWLY),
    pytest.param("mxnet", "vgg16", "vgg_mxnet", "vgg16", {}, marks=SLOWLY),
    pytest.param("mxnet", "vgg19", "vgg_mxnet", "vgg19", {}, marks=SLOWLY),
    ("keras_applications", "ResNeXt50", "resnext_keras", "resnext50", {}),
]
HEADS = r".*(output1|dense\d|conv25|probs).*"  # what these libraries call their classifiers


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


def expanded(table):
    """One key for each number in the ranges that a key has."""
    keys = {}
    for key, shape in table.items():
        ranges = [(int(a), int(b)) for a, b in re.findall(r"\{(\d+)\.\.(\d+)\}", key)]
        template = re.sub(r"\{.+?\}", "{}", key)
        for numbers in itertools.product(*(range(a, b + 1) for a, b in ranges)):
            keys[template.format(*numbers)] = shape
    return keys


def with_whole_kernels(arrays):
    """The kernels of all groups of a convolution as one array, in any order."""
    pieces = {}
    for key, value in arrays.items():
        pieces.setdefault(re.sub(r"convgroup\d+", "conv", key), []).append(np.ravel(value))
    return {key: np.concatenate(values) for key, values in pieces.items()}


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


@pytest.mark.parametrize(("library", "net", "key_map", "ours", "options"), OTHERS)
def test_keys_of_other_libraries(library, net, key_map, ours, options):
    arrays = filled(expanded(torch_weights.shapes(library, net)))
    # no other epsilon, which would change the variances
    key_map = dataclasses.replace(get_key_map(key_map), epsilon=None)
    model = kcc.get_model(ours, **options, weights=None)
    load_arrays(model, arrays, key_map)
    used = with_whole_kernels(arrays) if key_map.pieces else arrays
    theirs, weights = list(used.values()), model.get_weights()
    assert sorted(map(fingerprint, theirs)) == sorted(map(fingerprint, weights))


@pytest.mark.parametrize(
    ("library", "net", "key_map", "ours"),
    [
        ("tf2cv", "alexnetb", "vgg_tf2cv", "alexnetv2"),
        ("tf2cv", "squeezenet_v1_1", "squeezenet1_1_tf2cv", "squeezenet11"),
        ("mxnet", "resnet18_v1", "resnet_mxnet", "resnet18"),
        ("mxnet", "squeezenet1_1", "squeezenet1_1_mxnet", "squeezenet11"),
        ("mxnet", "vgg19", "vgg_mxnet", "vgg19"),
    ],
)
def test_a_body_takes_a_whole_file(library, net, key_map, ours):
    arrays = filled(expanded(torch_weights.shapes(library, net)))
    model = kcc.get_model(ours, include_top=False, input_shape=(64, 64, 3), weights=None)
    assert_round_trip(model, arrays, get_key_map(key_map), HEADS)


def test_biases_in_front_of_a_normalisation_of_mxnet():
    """ResNet-50 and deeper have them, our nets do not: they go into the means."""
    arrays = filled(torch_weights.shapes("mxnet", "resnet50_v1"))
    model = kcc.ResNet50(stride_in="1x1", input_shape=(32, 32, 3), weights=None)
    load_arrays(model, arrays, get_key_map("resnet_mxnet"))
    prefix = next(iter(arrays)).partition("_")[0]  # a number in it counts their nets
    # theirs, by the order in which a stage of theirs makes its layers
    for theirs, ours in {"0": "block1_{}1", "3": "block1_shortcut_{}", "5": "block2_{}2"}.items():
        kernel = arrays[f"{prefix}_stage2_conv{theirs}_weight"].transpose(2, 3, 1, 0)
        layer = model.get_layer(f"stage2_{ours.format('conv')}")
        np.testing.assert_array_equal(layer.kernel, kernel)
        mean = arrays[f"{prefix}_stage2_batchnorm{theirs}_running_mean"]
        bias = arrays.get(f"{prefix}_stage2_conv{theirs}_bias", 0)
        norm = model.get_layer(f"stage2_{ours.format('bn')}")
        np.testing.assert_allclose(norm.moving_mean, mean - bias, rtol=1e-6)
    assert f"{prefix}_stage2_conv0_bias" in arrays


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

    others = {getattr(case, "values", case)[2] for case in OTHERS}
    assert {map_ for map_, _ in PEERS} | set(ONNX) | MAPS | others | {"nin"} == set(list_key_maps())
