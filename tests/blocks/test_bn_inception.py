"""The body of BN-Inception by hand."""

import keras
import numpy as np
import pytest
from harness import images

from keras_classic_cnns.blocks.bn_inception import TABLE, bn_inception, inception


def outputs(size):
    image = keras.Input((size, size, 3))
    return keras.Model(image, bn_inception(image))


def test_channels_of_each_module_are_those_of_the_paper():
    model = outputs(64)
    names = [f"{stage}_inception{key}" for stage, modules in TABLE.items() for key in modules]
    channels = [model.get_layer(f"{name}_concat").output.shape[-1] for name in names]
    assert channels == [256, 320, 576, 576, 576, 608, 608, 1056, 1024, 1024]


def test_pooling_of_each_module():
    model = outputs(64)
    kinds = {
        key: type(model.get_layer(f"{stage}_inception{key}_pool")).__name__
        for stage, modules in TABLE.items()
        for key in modules
    }
    assert {key for key, kind in kinds.items() if kind == "MaxPooling2D"} == {"3c", "4e", "5b"}
    assert set(kinds.values()) == {"MaxPooling2D", "PaddedAveragePooling2D"}
    assert model.get_layer("stage3_inception5b_pool").strides == (1, 1)


def test_averages_count_padding():
    model = outputs(64)
    for key in ("stage1_inception3a", "stage3_inception5a"):
        assert model.get_layer(f"{key}_pool").count_include_pad


def test_modules_that_halve_have_no_1x1_and_no_projection_and_stride_in_the_last_3x3():
    model = outputs(64)
    names = {layer.name for layer in model.layers}
    for key in ("stage2_inception3c", "stage3_inception4e"):
        assert f"{key}_one_conv" not in names and f"{key}_pool_conv" not in names
        strides = {
            part: model.get_layer(f"{key}_{part}").strides[0]
            for part in (
                "three_conv1",
                "three_conv2",
                "double_conv1",
                "double_conv2",
                "double_conv3",
            )
        }
        halving = {part for part, stride in strides.items() if stride == 2}
        assert halving == {"three_conv2", "double_conv3"}


def test_pooling_that_halves_is_caffes_on_even_maps():
    """Windows begin at places 0, 2, 4 ... and the last one reaches over the end."""
    image = keras.Input((6, 6, 2))
    module = TABLE["stage2"]["3c"]
    model = keras.Model(image, inception(image, module, name="m"))
    pooled = keras.Model(image, model.get_layer("m_pool").output)
    x = images(1, 6, 6, 2)
    expected = [x[0, 2 * i : 2 * i + 3, 2 * i : 2 * i + 3].max((0, 1)) for i in range(3)]
    np.testing.assert_array_equal(np.asarray(pooled(x))[0, range(3), range(3)], expected)


@pytest.mark.parametrize("size", [11, 12, 33, 123])
def test_any_size(size):
    model = outputs(size)
    assert model.output_shape[-1] == 1024


def test_convolutions_have_no_bias_and_normalisation_has_gamma_and_beta():
    model = outputs(32)
    for layer in model.layers:
        if "_conv" in layer.name and layer.weights:
            assert not layer.use_bias, layer.name
        elif "_bn" in layer.name:
            assert layer.scale and layer.center and layer.epsilon == 1e-5, layer.name


def test_hook_sees_every_concatenation():
    seen = []

    def hook(y, *, name):
        seen.append((name, y.shape[-1]))
        return y

    bn_inception(keras.Input((32, 32, 3)), on_concat=hook)
    assert len(seen) == 10 and seen[2] == ("stage2_inception3c", 576)
