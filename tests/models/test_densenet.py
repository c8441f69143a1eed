"""What is usually got wrong about DenseNet."""

import re

import keras
import numpy as np
import pytest
import torch_weights
from harness import images, shared_model

import keras_classic_cnns as kcc


def convolutions(model):
    """All convolutions, also those inside of the blocks."""
    layers = model._flatten_layers(include_self=False)
    return [layer for layer in layers if isinstance(layer, keras.layers.Conv2D)]


@pytest.mark.parametrize("name", ["densenet121", "densenet40_12", "densenetbc100_12"])
def test_the_name_counts_convolutions_and_the_classifier(name):
    model = shared_model(name)
    assert f"{len(convolutions(model)) + 1}" in name
    assert not any(layer.use_bias for layer in convolutions(model))


def test_only_the_imagenet_stem_is_normalised():
    assert [
        layer.name for layer in shared_model("densenet40_12").layers if "stem" in layer.name
    ] == ["stem_conv"]
    assert "stem_bn" in [layer.name for layer in shared_model("densenet121").layers]


@pytest.mark.parametrize(
    "name, filters",
    [("densenet40_12", 16), ("densenet100_24", 16), ("densenetbc100_12", 24), ("densenet121", 64)],
)
def test_plain_nets_begin_with_16_filters_and_others_with_2k(name, filters):
    assert shared_model(name).get_layer("stem_conv").filters == filters


@pytest.mark.parametrize("name, theta", [("densenet40_12", 1), ("densenetbc100_12", 0.5)])
def test_plain_nets_do_not_compress(name, theta):
    model = shared_model(name)
    channels = kcc.endpoints(model)["stage1"].shape[-1]
    assert model.get_layer("stage2_transition_conv").filters == theta * channels


def test_a_transition_normalises_first_and_takes_the_mean():
    model = shared_model("densenet121")
    names = [layer.name for layer in model.layers if layer.name.startswith("stage2_transition")]
    kinds = ["bn", "relu", "conv", "pool"]
    assert names == [f"stage2_transition_{kind}" for kind in kinds]
    assert model.get_layer("stage2_transition_conv").kernel_size == (1, 1)
    pool = model.get_layer("stage2_transition_pool")
    assert isinstance(pool, keras.layers.AveragePooling2D) and pool.pool_size == (2, 2)


def test_an_odd_last_row_is_left_out_by_a_transition():
    model = kcc.DenseNet40_12(include_top=False, input_shape=(9, 9, 3))
    assert kcc.endpoints(model)["stage2"].shape[1:3] == (4, 4)


def test_stages_end_before_the_transition_and_the_last_one_with_its_activation():
    model = shared_model("densenet121")
    ends = {tensor._keras_history.operation.name for tensor in kcc.endpoints(model).values()}
    assert ends == {
        "stem_pool",
        "stage1_block",
        "stage2_block",
        "stage3_block",
        "stage4_relu",
    }


def test_dropout_follows_every_convolution_but_the_first():
    model = kcc.DenseNet40_12(dropout=0.2)
    drops = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert drops == ["stage2_transition_dropout", "stage3_transition_dropout"]
    names = [layer.name for layer in model.layers]
    assert names.index("stage2_transition_dropout") == names.index("stage2_transition_conv") + 1
    assert model.get_layer("stage1_block").layers[0].dropout == 0.2


@pytest.mark.parametrize("name", ["densenet121", "densenet40_12"])
def test_kernels_begin_with_the_fan_out(name):
    for layer in convolutions(shared_model(name)):
        height, width, _, filters = layer.kernel.shape
        if np.prod(layer.kernel.shape) > 1e4:
            deviation = np.sqrt(2 / (height * width * filters))
            assert np.std(layer.kernel) == pytest.approx(deviation, rel=0.05), layer.path


# Araujo, Norris, Sim: Computing Receptive Fields of Convolutional Neural Networks, Distill 2019
@pytest.mark.parametrize(
    "name, pixels",
    [("densenet121", 2071), ("densenet169", 3351), ("densenet201", 3863), ("densenet264", 5399)],
)
def test_receptive_field(name, pixels):
    rows = {row.name: row for row in kcc.analysis.cost(shared_model(name)).rows}
    assert rows["stage4_relu"].receptive_field == (pixels, pixels)


@pytest.mark.parametrize("saved", [False, True])
def test_weights_load_into_the_other_form(tmp_path, saved):
    options = {"input_shape": (8, 8, 3), "dropout": 0.0}
    forms = [kcc.DenseNet40_12(memory_efficient=form, **options) for form in (saved, not saved)]
    assert [w.path for w in forms[0].weights] == [w.path for w in forms[1].weights]
    forms[0].save_weights(tmp_path / "net.weights.h5")
    forms[1].load_weights(tmp_path / "net.weights.h5")
    x, y = images(4, 8, 8, 3), np.arange(4)
    losses = []
    for model in forms:
        model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
        losses.append(model.train_on_batch(x, y))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for one, other in zip(*(model.get_weights() for model in forms), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_files_of_old_torchvision_load():
    """Before 2018 `norm1` was `norm.1`, and there was no count of batches."""
    table = torch_weights.shapes("densenet", "torchvision/densenet121")
    state = {
        re.sub(r"\.(norm|conv)([12])\.", r".\1.\2.", key): value
        for key, value in torch_weights.fill(table).items()
        if "num_batches" not in key
    }
    assert "features.denseblock2.denselayer3.norm.2.weight" in state
    model = kcc.DenseNet121(weights=None)
    kcc.weights.load_state_dict(model, state, kcc.weights.get_key_map("densenet"))
    np.testing.assert_array_equal(
        model.get_layer("stage2_block").layers[2].bn2.gamma,
        state["features.denseblock2.denselayer3.norm.2.weight"],
    )


def test_refuses():
    with pytest.raises(ValueError, match="`dropout` must be less than 1. Received: dropout=1"):
        kcc.DenseNet121(dropout=1, weights=None)
    with pytest.raises(TypeError, match="`memory_efficient` must be True or False. Received: mem"):
        kcc.DenseNetBC100_12(memory_efficient=1)
    with pytest.raises(ValueError, match="Input size must be at least 29x29"):
        kcc.DenseNet121(input_shape=(28, 28, 3), weights=None)
