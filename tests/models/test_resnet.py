"""What is usually got wrong about ResNet."""

import numpy as np
import pytest
from harness import shared_model

import keras_classic_cnns as kcc


@pytest.mark.parametrize("name, depth", [("resnet18", 18), ("resnet34", 34), ("resnet50", 50)])
def test_depth_counts_weighted_layers_without_projections(name, depth):
    model = shared_model(name)
    weighted = [
        layer for layer in model.layers if hasattr(layer, "kernel") and "shortcut" not in layer.name
    ]
    assert len(weighted) == depth


def test_convolutions_have_no_bias():
    model = shared_model("resnet50")
    assert not any(
        layer.use_bias for layer in model.layers if "conv" in layer.name and layer.weights
    )


def test_plain_nets_have_no_shortcut_and_no_option_for_one():
    model = shared_model("plainnet18")
    assert not any("add" in layer.name or "shortcut" in layer.name for layer in model.layers)
    with pytest.raises(TypeError, match="no argument `shortcut`"):
        kcc.PlainNet18(shortcut="A")


def test_basic_nets_have_no_choice_of_stride():
    with pytest.raises(TypeError, match="no argument `stride_in`"):
        kcc.ResNet18(stride_in="1x1", weights=None)


def test_gamma_of_the_last_normalisation():
    for zero in (True, False):
        model = kcc.ResNet18(zero_init_last_gamma=zero, weights=None)
        for layer in model.layers:
            if "_bn" in layer.name:
                last = layer.name.endswith("_bn2")
                assert np.all(layer.gamma.numpy() == (0 if zero and last else 1)), layer.name
