"""What is usually got wrong about Inception-ResNet."""

import keras
import numpy as np
import pytest
from harness import kernel_shapes, shared_model

import keras_classic_cnns as kcc

SCALES = {"stage1": 0.17, "stage2": 0.10, "stage3": 0.20}


def units(model):
    """The number of residual units in each stage."""
    sums = [layer.name for layer in model.layers if layer.name.endswith("_add")]
    return tuple(sum(name.startswith(stage) for name in sums) for stage in SCALES)


def test_numbers_of_units():
    assert units(shared_model("inceptionresnetv1")) == (5, 10, 5)
    assert units(shared_model("inceptionresnetv2")) == (10, 20, 10)


@pytest.mark.parametrize("name", ["inceptionresnetv1", "inceptionresnetv2"])
def test_residuals_are_scaled_by_what_their_stage_says(name):
    for layer in shared_model(name).layers:
        if isinstance(layer, keras.layers.Rescaling):
            assert layer.scale == SCALES[layer.name.split("_")[0]], layer.name
            assert layer.offset == 0


def test_the_last_unit_of_v2_is_not_scaled_and_has_no_relu():
    model = shared_model("inceptionresnetv2")
    there = {layer.name for layer in model.layers}
    last = "stage3_block11"
    assert f"{last}_scale" not in there and f"{last}_out" not in there
    assert model.get_layer("stage3_block12_conv1").input is model.get_layer(f"{last}_add").output
    before = "stage3_block10"
    assert f"{before}_scale" in there and f"{before}_out" in there


def test_every_unit_of_v1_ends_with_a_relu():
    """FaceNet's net has a sixth, linear unit in the last stage; the paper has not."""
    model = shared_model("inceptionresnetv1")
    assert model.get_layer("avg_pool").input is model.get_layer("stage3_block6_out").output
    assert model.get_layer("predictions").kernel.shape == (1792, 1000)


@pytest.mark.parametrize("name", ["inceptionresnetv1", "inceptionresnetv2"])
def test_projections_have_a_bias_and_no_normalisation(name):
    model = shared_model(name)
    for layer in model.layers:
        if layer.name.endswith("_conv"):
            assert layer.use_bias and layer.kernel_size == (1, 1)
            (node,) = layer._outbound_nodes
            assert isinstance(node.operation, keras.layers.Rescaling | keras.layers.Add)
        elif isinstance(layer, keras.layers.Conv2D):
            assert not layer.use_bias


def test_v2_widens_its_branches_where_v1_does_not():
    first, second = (shared_model(f"inceptionresnetv{i}") for i in (1, 2))
    assert kernel_shapes(first, "stage1_block1_branch3_") == [
        *((1, 1, 256, 32), (3, 3, 32, 32), (3, 3, 32, 32))
    ]
    assert kernel_shapes(second, "stage1_block2_branch3_") == [
        *((1, 1, 320, 32), (3, 3, 32, 48), (3, 3, 48, 64))
    ]
    assert kernel_shapes(second, "stage2_block2_branch2_") == [
        *((1, 1, 1088, 128), (1, 7, 128, 160), (7, 1, 160, 192))
    ]


def test_modules_of_v1():
    """Figures 11, 12 and 13, and 7 with the filters of Table 1."""
    model = shared_model("inceptionresnetv1")
    assert kernel_shapes(model, "stage2_block2_branch2_") == [
        *((1, 1, 896, 128), (1, 7, 128, 128), (7, 1, 128, 128))
    ]
    assert kernel_shapes(model, "stage3_block2_branch2_") == [
        *((1, 1, 1792, 192), (1, 3, 192, 192), (3, 1, 192, 192))
    ]
    assert kernel_shapes(model, "stage2_block1_") == [
        *((3, 3, 256, 384), (1, 1, 256, 192), (3, 3, 192, 192), (3, 3, 192, 256))
    ]
    assert kernel_shapes(model, "stage3_block1_") == [
        *((1, 1, 896, 256), (3, 3, 256, 384), (1, 1, 896, 256), (3, 3, 256, 256)),
        *((1, 1, 896, 256), (3, 3, 256, 256), (3, 3, 256, 256)),
    ]


def test_v2_has_the_stem_of_v3_and_an_inception_module_before_its_units():
    model = shared_model("inceptionresnetv2")
    assert kernel_shapes(model, "stem_") == kernel_shapes(shared_model("inceptionv3"), "stem_")
    assert model.get_layer("stage1_block1_concat").output.shape[1:] == (35, 35, 320)
    assert kernel_shapes(model, "stage1_block1_branch2_") == [(1, 1, 192, 48), (5, 5, 48, 64)]


def test_v1_is_the_papers_and_has_no_variants():
    with pytest.raises(TypeError, match="no argument `variant`"):
        kcc.InceptionResNetV1(variant="torch")
    norms = [x for x in shared_model("inceptionresnetv1").layers if "_bn" in x.name]
    assert {(layer.scale, layer.momentum, layer.epsilon) for layer in norms} == {(True, 0.99, 1e-3)}


def test_dropout_keeps_four_fifths():
    for name in ("inceptionresnetv1", "inceptionresnetv2"):
        assert shared_model(name).get_layer("dropout").rate == 0.2


def test_the_auxiliary_head():
    model = kcc.InceptionResNetV2(aux_heads=True, variant="torch", weights=None)
    assert kcc.aux_loss_weights(model) == {"predictions": 1.0, "aux1": 0.4}
    assert model.get_layer("aux1_pool").input.shape == (None, 17, 17, 1088)
    own = [w for w in model.trainable_weights if w.path.startswith("aux1")]
    assert sum(int(np.prod(weight.shape)) for weight in own) == 3_367_656
