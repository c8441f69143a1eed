"""What is usually got wrong about pre-activation ResNet."""

import numpy as np
import pytest
from harness import shared_model

import keras_classic_cnns as kcc


def names(model):
    return {layer.name for layer in model.layers}


@pytest.mark.parametrize("name, depth", [("preactresnet18", 18), ("preactresnet50", 50)])
def test_depth_counts_weighted_layers_without_projections(name, depth):
    model = shared_model(name)
    weighted = [
        layer for layer in model.layers if hasattr(layer, "kernel") and "shortcut" not in layer.name
    ]
    assert len(weighted) == depth


@pytest.mark.parametrize(
    "variant, stem, unit", [("timm", False, True), ("fb", True, False), ("pytorchcv", True, True)]
)
@pytest.mark.parametrize("depth", [18, 50])
def test_where_the_first_activation_is(variant, stem, unit, depth):
    model = kcc.get_model(f"preactresnet{depth}", variant=variant, weights=None)
    assert ("stem_bn" in names(model)) == stem
    assert ("stage1_block1_bn1" in names(model)) == unit
    before_pool = "stem_relu" if stem else "stem_conv"
    assert model.get_layer("stem_pool").input is model.get_layer(before_pool).output


def test_the_stem_pools_what_is_below_zero():
    """Zero padding would let its zeros win along the border."""
    model = shared_model("preactresnet18")
    pool = model.get_layer("stem_pool")
    assert np.all(np.asarray(pool(-np.ones((1, 8, 8, 1), "float32"))) == -1)
    assert pool(np.ones((1, 112, 112, 1), "float32")).shape == (1, 56, 56, 1)


@pytest.mark.parametrize("name", ["preactresnet18", "preactresnet50"])
def test_projections_take_the_activated_input_without_normalisation(name):
    model = shared_model(name)
    projections = [layer for layer in model.layers if "shortcut" in layer.name]
    assert len(projections) == (3 if name == "preactresnet18" else 4)
    for layer in projections:
        block = layer.name.removesuffix("_shortcut_conv")
        assert layer.input is model.get_layer(f"{block}_relu1").output
        assert model.get_layer(f"{block}_add").input[0] is layer.output
        assert not layer.use_bias


def test_other_shortcuts_are_the_untouched_sum():
    model = shared_model("preactresnet50")
    for stage, depth in enumerate((3, 4, 6, 3), start=1):
        for block in range(2, depth + 1):
            before = model.get_layer(f"stage{stage}_block{block - 1}_add").output
            assert model.get_layer(f"stage{stage}_block{block}_add").input[0] is before
            assert model.get_layer(f"stage{stage}_block{block}_bn1").input is before


def test_the_first_basic_unit_of_timm_adds_what_is_not_activated():
    for variant in ("timm", "fb", "pytorchcv"):
        model = kcc.PreActResNet18(variant=variant, weights=None)
        assert model.get_layer("stage1_block1_add").input[0] is model.get_layer("stem_pool").output


@pytest.mark.parametrize("stride_in, first, second", [("3x3", 1, 2), ("1x1", 2, 1)])
def test_stages_stride_in_their_first_unit(stride_in, first, second):
    """keras.applications.ResNet50V2 strides in the last one."""
    model = kcc.PreActResNet50(stride_in=stride_in, weights=None)
    for layer in model.layers:
        if layer.name.startswith("stage") and hasattr(layer, "strides"):
            stage, block, kind = layer.name.split("_", 2)
            is_first = stage != "stage1" and block == "block1"
            strides = {"conv1": first, "conv2": second, "shortcut_conv": 2}.get(kind, 1)
            assert layer.strides == ((strides, strides) if is_first else (1, 1)), layer.name


def test_the_last_sum_is_activated():
    model = shared_model("preactresnet50")
    bn = model.get_layer("stage4_bn")
    assert bn.input is model.get_layer("stage4_block3_add").output
    assert model.get_layer("stage4_relu").input is bn.output
    assert model.get_layer("avg_pool").input is model.get_layer("stage4_relu").output


def test_convolutions_have_no_bias_and_normalisations_torchs_epsilon():
    model = shared_model("preactresnet50")
    for layer in model.layers:
        if "_conv" in layer.name and layer.weights:
            assert not layer.use_bias, layer.name
        if "_bn" in layer.name:
            assert (layer.epsilon, layer.momentum) == (1e-5, 0.9), layer.name


@pytest.mark.exhaustive
def test_200_layers_have_24_units_in_the_second_stage():
    blocks = [name for name in names(shared_model("preactresnet200")) if name.endswith("_add")]
    assert [sum(f"stage{i}_" in name for name in blocks) for i in (1, 2, 3, 4)] == [3, 24, 36, 3]


def test_options_by_message():
    with pytest.raises(ValueError, match=r"`variant` must be one of 'timm', 'fb', 'pytorchcv'. R"):
        kcc.PreActResNet18(variant="keras", weights=None)
    with pytest.raises(TypeError, match="no argument `stride_in`"):
        kcc.PreActResNet34(stride_in="1x1", weights=None)
