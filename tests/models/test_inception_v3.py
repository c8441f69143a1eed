"""What is usually got wrong about Inception-v3."""

import re

import numpy as np
import pytest
from harness import kernel_shapes, shared_model

import keras_classic_cnns as kcc
from keras_classic_cnns.models import inception_v3


def test_the_5x5_is_a_true_one():
    """The paper's Figure 5 has two 3x3 there; the released net has them in another branch only."""
    model = shared_model("inceptionv3")
    for block, channels in ((1, 192), (2, 256), (3, 288)):
        name = f"stage1_block{block}"
        assert kernel_shapes(model, f"{name}_branch2_") == [(1, 1, channels, 48), (5, 5, 48, 64)]
        doubled = [(1, 1, channels, 64), (3, 3, 64, 96), (3, 3, 96, 96)]
        assert kernel_shapes(model, f"{name}_branch3_") == doubled


def test_filters_behind_the_pooling_of_the_first_modules():
    model = shared_model("inceptionv3")
    filters = [model.get_layer(f"stage1_block{i}_branch4_conv2").filters for i in (1, 2, 3)]
    assert filters == [32, 64, 64]


def test_7x7_branches_alternate_and_widen():
    model = shared_model("inceptionv3")
    for block, n in zip((2, 3, 4, 5), (128, 160, 160, 192), strict=True):
        name = f"stage2_block{block}"
        single = [(1, 1, 768, n), (1, 7, n, n), (7, 1, n, 192)]
        assert kernel_shapes(model, f"{name}_branch2_") == single
        doubled = [(1, 1, 768, n), (7, 1, n, n), (1, 7, n, n), (7, 1, n, n), (1, 7, n, 192)]
        assert kernel_shapes(model, f"{name}_branch3_") == doubled


def test_the_last_modules_split_instead_of_going_on():
    model = shared_model("inceptionv3")
    for letter, kernel_size in (("a", (1, 3)), ("b", (3, 1))):
        for branch, step in (("branch2", 2), ("branch3", 3)):
            name = f"stage3_block2_{branch}"
            conv = model.get_layer(f"{name}_conv{step}{letter}")
            assert conv.kernel_size == kernel_size
            assert conv.input is model.get_layer(f"{name}_relu{step - 1}").output


def test_the_stem_pads_one_convolution_only():
    model = shared_model("inceptionv3")
    paddings = [model.get_layer(f"stem_block1_conv{i}").padding for i in (1, 2, 3, 5, 6)]
    assert paddings == ["valid", "valid", "same", "valid", "valid"]


def test_variants_differ_in_gamma_and_in_the_border_of_means():
    means = {}
    for variant in ("slim", "torch"):
        model = kcc.InceptionV3(input_shape=(75, 75, 3), variant=variant, weights=None)
        norms = [layer for layer in model.layers if re.search(r"_bn\d", layer.name)]
        assert len(norms) == 94
        assert {layer.scale for layer in norms} == {variant == "torch"}
        assert {layer.epsilon for layer in norms} == {1e-3}
        pool = model.get_layer("stage1_block1_branch4_pool1")
        means[variant] = float(pool(np.ones((1, 7, 7, 192), "float32"))[0, 0, 0, 0])
    assert means == {"slim": 1.0, "torch": pytest.approx(4 / 9)}


def test_dropout_stands_before_the_classifier():
    model = shared_model("inceptionv3")
    assert [layer.name for layer in model.layers[-3:]] == ["avg_pool", "dropout", "predictions"]
    assert model.get_layer("dropout").rate == 0.2
    plain = kcc.InceptionV3(input_shape=(75, 75, 3), dropout=0, weights=None)
    assert plain.layers[-2].name == "avg_pool"
    with pytest.raises(ValueError, match="`dropout` must be less than 1. Received: dropout=1"):
        kcc.InceptionV3(dropout=1, weights=None)


def test_the_auxiliary_head():
    model = kcc.InceptionV3(aux_heads=True, variant="torch", weights=None)
    assert kcc.aux_loss_weights(model) == {"predictions": 1.0, "aux1": 0.4}
    assert model.get_layer("aux1_pool").input.shape == (None, 17, 17, 768)
    assert model.get_layer("aux1_pool").output.shape == (None, 5, 5, 768)
    assert kernel_shapes(model, "aux1_") == [(1, 1, 768, 128), (5, 5, 128, 768)]
    own = [w for w in model.trainable_weights if w.path.startswith("aux1")]
    assert sum(int(np.prod(weight.shape)) for weight in own) == 3_326_696
    assert kcc.without_aux(model).count_params() == 23_869_000


def test_the_auxiliary_head_needs_full_images():
    with pytest.raises(ValueError, match=r"`aux_heads` needs images .* Received: map=\(8, 8\)"):
        kcc.InceptionV3(aux_heads=True, input_shape=(160, 160, 3), weights=None)


def test_no_fewer_pixels_than_the_unpadded_convolutions_need():
    smallest = inception_v3.InceptionV3(weights=None, input_shape=(75, 75, 3))
    assert smallest.output_shape == (None, 1000)
    with pytest.raises(ValueError, match="Input size must be at least 75x75"):
        inception_v3.InceptionV3(input_shape=(74, 75, 3))
