"""What is usually got wrong about Inception-v4."""

import re

import numpy as np
import pytest
from harness import kernel_shapes, shared_model

import keras_classic_cnns as kcc


def test_stages_hold_4_7_and_3_modules_behind_their_reductions():
    blocks = {
        (match[1], int(match[2]))
        for layer in shared_model("inceptionv4").layers
        if (match := re.match(r"(stem|stage\d)_block(\d+)_", layer.name))
    }
    counts = {stage: sum(1 for s, _ in blocks if s == stage) for stage, _ in blocks}
    assert counts == {"stem": 4, "stage1": 4, "stage2": 1 + 7, "stage3": 1 + 3}


def test_the_long_branch_of_module_b():
    """7x1 comes first, and the filters are 192, 224, 224, 256."""
    model = shared_model("inceptionv4")
    long = [(7, 1, 192, 192), (1, 7, 192, 224), (7, 1, 224, 224), (1, 7, 224, 256)]
    short = [(1, 7, 192, 224), (7, 1, 224, 256)]
    for block in range(2, 9):
        name = f"stage2_block{block}"
        assert kernel_shapes(model, f"{name}_branch3_") == [(1, 1, 1024, 192), *long]
        assert kernel_shapes(model, f"{name}_branch2_") == [(1, 1, 1024, 192), *short]


def test_the_long_branch_of_module_c_splits_at_its_end():
    """3x1 with 448 filters, 1x3 with 512, then 1x3 and 3x1 side by side."""
    model = shared_model("inceptionv4")
    for block in (2, 3, 4):
        name = f"stage3_block{block}_branch3"
        assert kernel_shapes(model, f"{name}_") == [
            *((1, 1, 1536, 384), (3, 1, 384, 448), (1, 3, 448, 512)),
            *((1, 3, 512, 256), (3, 1, 512, 256)),
        ]
        for letter in "ab":
            source = model.get_layer(f"{name}_relu3").output
            assert model.get_layer(f"{name}_conv4{letter}").input is source


def test_the_stem_pools_and_convolves_side_by_side():
    model = shared_model("inceptionv4")
    shapes = [model.get_layer(f"stem_block{i}_concat").output.shape[1:] for i in (2, 3, 4)]
    assert shapes == [(73, 73, 160), (71, 71, 192), (35, 35, 384)]
    assert kernel_shapes(model, "stem_block3_branch2_") == [
        *((1, 1, 160, 64), (1, 7, 64, 64), (7, 1, 64, 64), (3, 3, 64, 96))
    ]


@pytest.mark.parametrize("variant, has_gamma", [("slim", False), ("torch", True)])
def test_variants_differ_in_gamma_but_not_in_the_border_of_means(variant, has_gamma):
    model = kcc.InceptionV4(input_shape=(75, 75, 3), variant=variant, weights=None)
    norms = [layer for layer in model.layers if re.search(r"_bn\d", layer.name)]
    assert {layer.scale for layer in norms} == {has_gamma}
    assert {layer.epsilon for layer in norms} == {1e-3}
    pool = model.get_layer("stage1_block1_branch4_pool1")
    np.testing.assert_allclose(pool(np.ones((1, 7, 7, 384), "float32")), 1)


def test_dropout_keeps_four_fifths():
    assert shared_model("inceptionv4").get_layer("dropout").rate == 0.2


def test_the_auxiliary_head():
    model = kcc.InceptionV4(aux_heads=True, variant="torch", weights=None)
    assert kcc.aux_loss_weights(model) == {"predictions": 1.0, "aux1": 0.4}
    assert model.get_layer("aux1_pool").input.shape == (None, 17, 17, 1024)
    own = [w for w in model.trainable_weights if w.path.startswith("aux1")]
    assert sum(int(np.prod(weight.shape)) for weight in own) == 3_359_464
