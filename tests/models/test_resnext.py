"""What is usually got wrong about ResNeXt."""

import pytest
from harness import shared_model

import keras_classic_cnns as kcc


@pytest.mark.parametrize(
    "name, groups, widths",
    [
        ("resnext50", 32, [128, 256, 512, 1024]),
        ("resnext101", 32, [256, 512, 1024, 2048]),
        ("resnext101_64x4d", 64, [256, 512, 1024, 2048]),
        ("resnext29_8x64d", 8, [512, 1024, 2048]),
    ],
)
def test_groups_and_widths(name, groups, widths):
    model = shared_model(name)
    for stage, width in enumerate(widths, 1):
        layer = model.get_layer(f"stage{stage}_block1_conv2")
        assert layer.groups == groups and layer.filters == width
        assert layer.strides == ((1, 1) if stage == 1 else (2, 2))
        assert model.get_layer(f"stage{stage}_block1_conv1").strides == (1, 1)


def test_width_of_a_group_is_rounded_down():
    model = kcc.ResNeXt50(groups=3, group_width=5, weights=None)
    assert model.get_layer("stage1_block1_conv2").filters == 15
    assert model.get_layer("stage4_block1_conv2").filters == 120


def test_one_group_is_resnet():
    model = kcc.ResNeXt50(groups=1, group_width=64, weights=None)
    resnet = shared_model("resnet50")
    assert [w.shape for w in model.weights] == [w.shape for w in resnet.weights]
