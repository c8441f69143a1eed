"""What is usually got wrong about ResNet for CIFAR."""

import pytest
from harness import shared_model


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
def test_depth(depth):
    model = shared_model(f"resnet{depth}")
    assert sum(hasattr(layer, "kernel") for layer in model.layers) == depth


def test_shortcut_a_is_the_default_and_has_no_parameters():
    model = shared_model("resnet20")
    shortcuts = [layer for layer in model.layers if "shortcut" in layer.name]
    assert [type(layer).__name__ for layer in shortcuts] == ["ZeroChannelShortcut"] * 2
    assert not any(layer.weights for layer in shortcuts)


def test_a_plain_net_is_the_residual_net_less_its_shortcuts():
    plain, residual = shared_model("plainnet20"), shared_model("resnet20")
    assert [w.shape for w in plain.weights] == [w.shape for w in residual.weights]
