"""What is usually got wrong about pre-activation ResNet for CIFAR."""

import pytest
from harness import run_python, shared_model

import keras_classic_cnns as kcc

DEEP = pytest.param(1001, marks=pytest.mark.exhaustive)


def kinds(model, part):
    return [type(layer).__name__ for layer in model.layers if part in layer.name]


@pytest.mark.parametrize("depth", [110, 164, DEEP])
def test_depth(depth):
    model = shared_model(f"preactresnet{depth}")
    weighted = [
        layer for layer in model.layers if hasattr(layer, "kernel") and "shortcut" not in layer.name
    ]
    assert len(weighted) == depth


@pytest.mark.parametrize("depth", [110, 164])
def test_the_stem_is_a_convolution_only(depth):
    model = shared_model(f"preactresnet{depth}")
    assert kinds(model, "stem") == ["Conv2D"]
    assert model.get_layer("stage1_block1_bn1").input is model.get_layer("stem_conv").output


@pytest.mark.parametrize("stride_in", ["1x1", "3x3"])
def test_the_first_1x1_convolution_strides(stride_in):
    model = (
        shared_model("preactresnet164")
        if stride_in == "1x1"
        else kcc.PreActResNet164(stride_in=stride_in)
    )
    for stage, strides in ((1, 1), (2, 2), (3, 2)):
        first, second = (strides, 1) if stride_in == "1x1" else (1, strides)
        assert model.get_layer(f"stage{stage}_block1_conv1").strides == (first, first)
        assert model.get_layer(f"stage{stage}_block1_conv2").strides == (second, second)
        assert model.get_layer(f"stage{stage}_block1_shortcut_conv").strides == (strides, strides)
        assert model.get_layer(f"stage{stage}_block2_conv1").strides == (1, 1)


def test_transitions_share_the_activation_and_project_without_normalisation():
    model = shared_model("preactresnet164")
    assert kinds(model, "shortcut") == ["Conv2D"] * 3
    for stage in (1, 2, 3):
        shared = model.get_layer(f"stage{stage}_block1_relu1").output
        assert model.get_layer(f"stage{stage}_block1_conv1").input is shared
        assert model.get_layer(f"stage{stage}_block1_shortcut_conv").input is shared
        before = model.get_layer(f"stage{stage}_block1_add").output
        assert model.get_layer(f"stage{stage}_block2_add").input[0] is before


def test_110_layers_append_zero_channels_to_the_activated_input():
    model = shared_model("preactresnet110")
    assert kinds(model, "shortcut") == ["ZeroChannelShortcut"] * 2
    for stage in (2, 3):
        shortcut = model.get_layer(f"stage{stage}_block1_shortcut")
        assert shortcut.input is model.get_layer(f"stage{stage}_block1_relu1").output
    assert kinds(kcc.PreActResNet110(shortcut="B"), "shortcut") == ["Conv2D"] * 2


def test_the_first_activation_comes_before_the_paths_part():
    model = shared_model("preactresnet110")
    shared = model.get_layer("stage1_block1_relu1").output
    assert model.get_layer("stage1_block1_add").input[0] is shared
    before = model.get_layer("stage1_block1_add").output
    assert model.get_layer("stage1_block2_add").input[0] is before


@pytest.mark.parametrize("depth", [110, 164])
def test_the_last_sum_is_activated(depth):
    model = shared_model(f"preactresnet{depth}")
    assert model.get_layer("stage3_bn").input is model.get_layer("stage3_block18_add").output
    assert model.get_layer("avg_pool").input is model.get_layer("stage3_relu").output


def test_options_by_message():
    with pytest.raises(ValueError, match=r"`shortcut` must be one of 'A', 'B'. Received: shortcut"):
        kcc.PreActResNet110(shortcut="C")
    with pytest.raises(TypeError, match="no argument `shortcut`"):
        kcc.PreActResNet164(shortcut="A")
    with pytest.raises(ValueError, match=r"`stride_in` must be one of '1x1', '3x3'. Received: str"):
        kcc.PreActResNet1001(stride_in="5x5")


@pytest.mark.exhaustive
def test_1001_layers_reload(tmp_path):
    model = kcc.PreActResNet1001(input_shape=(8, 8, 3))
    model.save(tmp_path / "deep.keras")
    code = (
        "import sys, keras, keras_classic_cnns\n"
        "print(keras.saving.load_model(sys.argv[1]).count_params())"
    )
    assert run_python(code, tmp_path / "deep.keras").strip() == str(model.count_params())
