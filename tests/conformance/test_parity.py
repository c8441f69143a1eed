"""Outputs equal those of torchvision and of keras.applications, with the same weights."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import torch_weights

import keras_classic_cnns as kcc

GOLDENS = Path(__file__).parents[1] / "goldens"
SHAPES = json.loads((GOLDENS / "torchvision.json").read_text())["shapes"]


def assert_close(ours, theirs):
    """max |a - b| <= 1e-4 of the range of the logits."""
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) <= 1e-4 * np.ptp(theirs)


@pytest.mark.parametrize("size", [96, 75])
@pytest.mark.parametrize("name", SHAPES)
def test_torchvision(name, size):
    model = kcc.get_model(name, input_shape=(size, size, 3), classifier_activation=None)
    torch_weights.load(model, torch_weights.fill(SHAPES[name]))
    theirs = np.load(GOLDENS / "torchvision.npz")[f"{name}_{size}"]
    assert np.ptp(theirs) > 0.5  # logits that differ, so that equality says something
    assert_close(model.predict(torch_weights.image(size), verbose=0), theirs)


def test_torchvision_would_notice_a_wrong_stride():
    model = kcc.ResNet50(input_shape=(96, 96, 3), classifier_activation=None, stride_in="1x1")
    torch_weights.load(model, torch_weights.fill(SHAPES["resnet50"]))
    theirs = np.load(GOLDENS / "torchvision.npz")["resnet50_96"]
    with pytest.raises(AssertionError):
        assert_close(model.predict(torch_weights.image(96), verbose=0), theirs)


def test_keras_applications():
    theirs = keras.applications.ResNet50(
        weights=None, input_shape=(96, 96, 3), classifier_activation=None
    )
    state = torch_weights.fill(
        {f"{w.path}/{i}": w.shape[::-1] for i, w in enumerate(theirs.weights)}
    )
    for weight, value in zip(theirs.weights, state.values(), strict=True):
        scaled = np.abs(value) + 0.5 if weight.name in ("moving_variance", "gamma") else value
        fan_in = np.prod(weight.shape[:-1]) if len(weight.shape) > 1 else 1
        weight.assign(scaled.T / np.sqrt(fan_in))
    ours = kcc.ResNet50(input_shape=(96, 96, 3), classifier_activation=None, stride_in="1x1")
    for layer in ours.layers:
        if layer.weights:
            _copy(layer, theirs, _keras_name(layer.name))
    x = torch_weights.image(96)
    assert_close(ours.predict(x, verbose=0), theirs.predict(x, verbose=0))


def _keras_name(name: str) -> str:
    if not name.startswith("st"):
        return name
    if name.startswith("stem"):
        return name.replace("stem_", "conv1_")
    stage, block, *kind = name.split("_")
    prefix = f"conv{int(stage[5:]) + 1}_{block}"
    if kind[0] == "shortcut":
        return f"{prefix}_0_{kind[1]}"
    return f"{prefix}_{kind[0][-1]}_{kind[0][:-1]}"


def _copy(layer, theirs, name: str) -> None:
    source = theirs.get_layer(name)
    if isinstance(layer, keras.layers.Conv2D):
        layer.kernel.assign(source.kernel)
    else:
        values = source.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            # their convolutions have a bias: subtracting it from the moving mean is the same
            convolution = theirs.get_layer(name[: -len("bn")] + "conv")
            values[2] = values[2] - convolution.bias.numpy()
        layer.set_weights(values)
