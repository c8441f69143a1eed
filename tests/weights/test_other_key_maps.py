"""Key maps of pytorchcv and of the port of NiN, on state dicts with the names of their files."""

import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import get_key_map, load_state_dict

NIN = {
    "features.0": (96, 3, 11, 11),
    "features.2": (96, 96, 1, 1),
    "features.4": (96, 96, 1, 1),
    "features.7": (256, 96, 5, 5),
    "features.9": (256, 256, 1, 1),
    "features.11": (256, 256, 1, 1),
    "features.14": (384, 256, 3, 3),
    "features.16": (384, 384, 1, 1),
    "features.18": (384, 384, 1, 1),
    "features.22": (1024, 384, 3, 3),
    "features.24": (1024, 1024, 1, 1),
    "features.26": (1000, 1024, 1, 1),
}
ALEXNET = {
    "features.stage1.unit1.conv": (64, 3, 11, 11),
    "features.stage2.unit1.conv": (192, 64, 5, 5),
    "features.stage3.unit1.conv": (384, 192, 3, 3),
    "features.stage3.unit2.conv": (256, 384, 3, 3),
    "features.stage3.unit3.conv": (256, 256, 3, 3),
    "output.fc1.fc": (4096, 9216),
    "output.fc2.fc": (4096, 4096),
    "output.fc3": (1000, 4096),
}


def with_biases(kernels):
    """Weight and bias of each layer."""
    shapes = {f"{name}.weight": shape for name, shape in kernels.items()}
    return shapes | {f"{name}.bias": shape[:1] for name, shape in kernels.items()}


def wide_resnet(units, k):
    """Names and shapes of pytorchcv's WRN for ten classes."""
    shapes = {"features.init_block.weight": (16, 3, 3, 3)}

    def norm(name, filters):
        for variable in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{variable}"] = (filters,)
        shapes[f"{name}.num_batches_tracked"] = ()

    channels = 16
    for stage, filters in enumerate((16 * k, 32 * k, 64 * k), start=1):
        for unit in range(1, units + 1):
            name = f"features.stage{stage}.unit{unit}"
            norm(f"{name}.body.conv1.bn", channels)
            norm(f"{name}.body.conv2.bn", filters)
            shapes[f"{name}.body.conv1.conv.weight"] = (filters, channels, 3, 3)
            shapes[f"{name}.body.conv2.conv.weight"] = (filters, filters, 3, 3)
            if unit == 1:
                shapes[f"{name}.identity_conv.weight"] = (filters, channels, 1, 1)
            channels = filters
    norm("features.post_activ.bn", channels)
    return shapes | {"output.weight": (10, channels), "output.bias": (10,)}


CASES = {
    "alexnet_pytorchcv": ("alexnetv2", {}, with_biases(ALEXNET)),
    "nin": (
        "nin",
        {},
        with_biases(NIN),
    ),
    "wide_resnet_pytorchcv": ("wideresnet", {"n": 16, "k": 2}, wide_resnet(2, 2)),
}


def sorted_values(arrays):
    """What arrays keep when their axes are moved."""
    return sorted(np.sort(np.asarray(array, "float32"), axis=None).tobytes() for array in arrays)


@pytest.mark.parametrize("name", CASES)
def test_every_array_finds_its_place(name):
    model, options, shapes = CASES[name]
    net = kcc.get_model(model, **options)
    state = torch_weights.fill({key: list(shape) for key, shape in shapes.items()})
    load_state_dict(net, state, get_key_map(name))
    arrays = [array for key, array in state.items() if "num_batches" not in key]
    assert sorted_values(net.get_weights()) == sorted_values(arrays)


def test_units_of_the_wide_net_keep_their_numbers():
    net = kcc.WideResNet(n=16, k=2)
    state = torch_weights.fill({key: list(s) for key, s in wide_resnet(2, 2).items()})
    load_state_dict(net, state, get_key_map("wide_resnet_pytorchcv"))
    kernel = state["features.stage2.unit1.body.conv2.conv.weight"].transpose(2, 3, 1, 0)
    np.testing.assert_array_equal(net.get_layer("stage2_block1_conv2").kernel, kernel)
