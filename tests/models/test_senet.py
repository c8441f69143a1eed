"""What is usually got wrong about SENet."""

import keras
import numpy as np
import pytest
from harness import shared_model

import keras_classic_cnns as kcc

NETS = ["seresnet18", "seresnet50", "seresnext50", "senet154"]


def units(model):
    """The names of the units, `stage1_block1`."""
    return [layer.name.removesuffix("_add") for layer in model.layers if layer.name.endswith("add")]


def source(tensor):
    """The layer that a tensor comes from."""
    return tensor._keras_history.operation


@pytest.mark.parametrize("name, last", zip(NETS, ["bn2", "bn3", "bn3", "bn3"], strict=True))
def test_the_gate_stands_between_the_last_normalisation_and_the_sum(name, last):
    model = shared_model(name)
    assert len(units(model)) == {18: 8, 50: 16, 154: 50}[int(name.lstrip("sernxt"))]
    for unit in units(model):
        gate = model.get_layer(f"{unit}_se")
        assert source(gate.input).name == f"{unit}_{last}"
        _, branch = model.get_layer(f"{unit}_add").input
        assert source(branch) is gate
        assert source(model.get_layer(f"{unit}_out").input).name == f"{unit}_add"


@pytest.mark.parametrize("name", NETS)
def test_gates_have_two_biases_and_a_sixteenth_of_the_channels(name):
    model = shared_model(name)
    for unit in units(model):
        gate = model.get_layer(f"{unit}_se")
        channels = gate.input.shape[-1]
        assert [weight.shape for weight in gate.weights] == [
            (channels, channels // 16),
            (channels // 16,),
            (channels // 16, channels),
            (channels,),
        ]


@pytest.mark.parametrize(
    "name, variant, first, second",
    [
        ("seresnet50", "authors", 2, 1),
        ("seresnet50", "timm", 1, 2),
        ("seresnext50", "authors", 1, 2),
        ("seresnext50", "timm", 1, 2),
        ("senet154", "authors", 1, 2),
    ],
)
def test_the_convolution_that_strides(name, variant, first, second):
    model = (
        kcc.get_model(name, variant=variant, weights=None)
        if variant == "timm"
        else shared_model(name)
    )
    for stage in (2, 3, 4):
        assert model.get_layer(f"stage{stage}_block1_conv1").strides == (first, first)
        assert model.get_layer(f"stage{stage}_block1_conv2").strides == (second, second)


@pytest.mark.parametrize("variant, row", [("authors", [3, 5, 7]), ("timm", [2, 4, 6])])
def test_where_the_windows_of_the_stem_lie(variant, row):
    """Without padding the first window covers rows 0 to 2, with it rows -1 to 1."""
    model = kcc.SEResNet18(include_top=False, input_shape=(32, 32, 3), variant=variant)
    before = model.get_layer("stem_relu").output
    after = model.get_layer("stem_pool").output
    assert before.shape[1] == 16 and after.shape[1] == 8
    x = np.zeros((1, 16, 16, 64), "float32")
    x[:, range(16)] = np.arange(16, dtype="float32").reshape(16, 1, 1)
    pooled = keras.Model(before, after)(x)
    assert list(np.asarray(pooled)[0, 1:4, 0, 0]) == [number + 1.0 for number in row]


def test_the_stem_of_senet154():
    model = shared_model("senet154")
    stem = [model.get_layer(f"stem_conv{number}") for number in (1, 2, 3)]
    assert [(layer.kernel_size, layer.strides, layer.filters) for layer in stem] == [
        ((3, 3), (2, 2), 64),
        ((3, 3), (1, 1), 64),
        ((3, 3), (1, 1), 128),
    ]


def test_widths_and_projections_of_senet154():
    model = shared_model("senet154")
    for stage, filters in enumerate((256, 512, 1024, 2048), start=1):
        first, grouped, last, projection = (
            model.get_layer(f"stage{stage}_block1_{name}")
            for name in ("conv1", "conv2", "conv3", "shortcut_conv")
        )
        assert (first.filters, grouped.filters, last.filters) == (filters // 2, filters, filters)
        assert grouped.groups == 64
        size = 1 if stage == 1 else 3
        assert projection.kernel_size == (size, size)
        if stage > 1:
            assert model.get_layer(f"stage{stage}_block1_shortcut_conv_pad").padding == (
                (1, 1),
                (1, 1),
            )


def test_dropout_of_senet154():
    layer = shared_model("senet154").get_layer("dropout")
    assert layer.rate == 0.2
    assert source(layer.input).name == "avg_pool"
    assert not any("dropout" in layer.name for layer in shared_model("seresnet50").layers)
    with pytest.raises(ValueError, match=r"`dropout` must be less than 1. Received: dropout=1.0"):
        kcc.SENet154(dropout=1.0, weights=None)
    with pytest.raises(TypeError, match="no argument `dropout`"):
        kcc.SEResNet50(dropout=0.2, weights=None)


def test_depth_counts_neither_gates_nor_projections():
    for name in NETS:
        model = shared_model(name)
        weighted = [
            layer
            for layer in model.layers
            if hasattr(layer, "kernel") and "shortcut" not in layer.name
        ]
        assert len(weighted) == int(name.lstrip("sernxt"))


def test_the_legacy_unit_has_one_more_relu():
    model = kcc.SEResNet18(variant="timm_legacy")
    assert source(model.get_layer("stage1_block1_se").input).name == "stage1_block1_se_relu"
    with pytest.raises(ValueError, match="`variant` must be one of 'authors', 'timm'. Received"):
        kcc.SEResNet50(variant="timm_legacy", weights=None)


def test_gates_of_timm_have_eight_filters_at_least():
    """Its modules round the filters to multiples of eight; 64 / 16 is four."""
    for variant, filters in (("authors", 4), ("timm", 8)):
        model = kcc.SEResNet18(variant=variant)
        assert model.get_layer("stage1_block1_se").squeeze.units == filters
        assert model.get_layer("stage2_block1_se").squeeze.units == 8


def test_a_ratio_that_leaves_nothing():
    with pytest.raises(ValueError, match="`ratio` must be at most the 64 channels"):
        kcc.SEResNet18(ratio=65)
    with pytest.raises(ValueError, match="`ratio` must be at least 1. Received: ratio=0"):
        kcc.SEResNet18(ratio=0)


def test_gates_at_zero_weights_let_half_through():
    model = kcc.SEResNet18(include_top=False, input_shape=(32, 32, 3))
    gate = model.get_layer("stage1_block1_se")
    gate.set_weights([np.zeros_like(weight) for weight in gate.get_weights()])
    x = np.ones((1, 2, 2, 64), "float32")
    np.testing.assert_array_equal(gate(x), 0.5 * x)
