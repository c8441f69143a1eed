"""Tables of branches become the graph they draw."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from harness import images, randomise

from keras_classic_cnns.blocks import inception
from keras_classic_cnns.blocks.inception import AVERAGE, MAXIMUM, SLIM, TORCH, Residual


def build(function, table, variant=SLIM, size=8, channels=6):
    image = keras.Input((size, size, channels))
    return keras.Model(image, function(image, table, variant, name="m"))


def names(model):
    return [layer.name for layer in model.layers[1:]]


def test_a_branch_is_its_steps_one_after_the_other():
    model = build(inception.branch, [(4, 1), (5, 3, 2, "valid"), MAXIMUM])
    assert names(model) == [
        *("m_conv1", "m_bn1", "m_relu1"),
        *("m_conv2", "m_bn2", "m_relu2"),
        "m_pool3",
    ]
    assert model.output_shape == (None, 1, 1, 5)
    assert model.get_layer("m_conv2").strides == (2, 2)


def test_a_module_concatenates_its_branches_in_their_order():
    model = build(inception.module, [[(2, 1)], [(3, (1, 7))], [AVERAGE]])
    sides = ["m_branch1_relu1", "m_branch2_relu1", "m_branch3_pool1"]
    assert [tensor._keras_history.operation.name for tensor in model.layers[-1].input] == sides
    assert model.layers[-1].name == "m_concat"
    assert model.output_shape == (None, 8, 8, 2 + 3 + 6)
    assert model.get_layer("m_branch2_conv1").kernel_size == (1, 7)


def test_a_module_of_one_branch_is_that_branch():
    assert names(build(inception.module, [[(2, 1)]])) == ["m_conv1", "m_bn1", "m_relu1"]


def test_a_fork_applies_its_steps_to_one_input():
    model = build(inception.branch, [(4, 1), [(2, (1, 3)), (3, (3, 1))], (5, 1)])
    fork = model.get_layer("m_concat2")
    assert fork.output.shape == (None, 8, 8, 5)
    for letter in "ab":
        assert model.get_layer(f"m_conv2{letter}").input is model.get_layer("m_relu1").output
    assert model.get_layer("m_conv3").input is fork.output


@pytest.mark.parametrize("has_relu", [True, False])
@pytest.mark.parametrize("scale", [0.2, 1.0])
def test_a_residual_is_scaled_before_the_sum_and_rectified_behind_it(scale, has_relu):
    table = Residual([[(2, 1)], [(3, 3)]], scale, has_relu)
    model = build(inception.residual_module, table)
    randomise(model)
    x = images(2, 8, 8, 6)
    projection = model.get_layer("m_conv")
    assert projection.use_bias and projection.activation.__name__ == "linear"
    residual = keras.Model(model.input, projection.output)(x)
    y = x + scale * np.asarray(residual)
    np.testing.assert_allclose(model(x), np.maximum(y, 0) if has_relu else y, atol=1e-5)


def test_a_residual_without_normalisation_behind_its_last_convolution():
    assert names(build(inception.residual_module, Residual([[(2, 1)]], 0.1))) == [
        *("m_conv1", "m_bn1", "m_relu1"),
        *("m_conv", "m_scale", "m_add", "m_out"),
    ]


@pytest.mark.parametrize("counts, corner, edge", [(False, 1, 1), (True, 4 / 9, 6 / 9)])
def test_whether_a_mean_counts_the_padding(counts, corner, edge):
    model = build(inception.branch, [AVERAGE], replace(TORCH, count_include_pad=counts))
    means = np.asarray(model(np.ones((1, 8, 8, 6), "float32")))[0, :, :, 0]
    np.testing.assert_allclose([means[0, 0], means[0, 3], means[3, 3]], [corner, edge, 1], 1e-6)


@pytest.mark.parametrize("variant, scale, momentum", [(SLIM, False, 0.99), (TORCH, True, 0.9)])
def test_normalisation(variant, scale, momentum):
    norm = build(inception.branch, [(2, 1)], variant).get_layer("m_bn1")
    assert (norm.epsilon, norm.scale, norm.momentum) == (1e-3, scale, momentum)


def test_stages_name_their_blocks():
    stages = {"stem": [[[(4, 1)]]], "stage1": [[[(4, 1)], [AVERAGE]], Residual([[(2, 1)]], 0.1)]}
    image = keras.Input((8, 8, 6))
    model = keras.Model(image, inception.stack(image, stages, SLIM))
    ends = {"stem_block1_relu1", "stage1_block1_concat", "stage1_block2_out"}
    assert ends <= set(names(model))


@pytest.mark.parametrize("size, features", [(17, 768), (20, 768), (None, 768)])
def test_an_auxiliary_head_gives_flat_features(size, features):
    image = keras.Input((size, size, 6))
    model = keras.Model(image, inception.auxiliary_features(image, "aux1", variant=SLIM))
    assert model.output_shape == (None, features)
    assert [model.get_layer(f"aux1_conv{i}").kernel_size for i in (1, 2)] == [(1, 1), (5, 5)]
    pool = model.get_layer("aux1_pool")
    assert (pool.pool_size, pool.strides, pool.padding) == ((5, 5), (3, 3), "valid")


def test_an_auxiliary_head_needs_a_map_of_17():
    image = keras.Input((16, 17, 6))
    with pytest.raises(ValueError, match=r"a map of 17x17 or more, .* Received: map=\(16, 17\)"):
        inception.auxiliary_features(image, "aux1", variant=SLIM)
