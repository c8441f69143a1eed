"""What is usually got wrong about Wide ResNet."""

import keras
import numpy as np
import pytest
from harness import images, shared_model

import keras_classic_cnns as kcc


def convolutions(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]


@pytest.mark.parametrize("n, k", [(10, 1), (16, 4), (22, 2), (40, 1)])
def test_n_counts_convolutions_those_of_shortcuts_too(n, k):
    """6N+4; where k is 1 the first stage has no projection to count."""
    model = kcc.WideResNet(n=n, k=k)
    assert len(convolutions(model)) == n - (k == 1)


def test_named_nets_are_those_of_n_and_k():
    for n, k in ((16, 4), (16, 8), (40, 4)):
        free = kcc.WideResNet(n=n, k=k)
        named = shared_model(f"wrn{n}_{k}")
        assert [w.path for w in free.weights] == [w.path for w in named.weights]
        assert [w.shape for w in free.weights] == [w.shape for w in named.weights]


def test_shortcuts_project_only_where_channels_change():
    def projections(model):
        return [layer.name for layer in model.layers if "shortcut" in layer.name]

    assert projections(kcc.WideResNet(n=16, k=2)) == [
        f"stage{i}_block1_shortcut_conv" for i in (1, 2, 3)
    ]
    assert projections(kcc.WideResNet(n=16, k=1)) == [
        f"stage{i}_block1_shortcut_conv" for i in (2, 3)
    ]


def test_units_that_change_channels_share_their_activation():
    model = shared_model("wrn16_4")
    for stage in (1, 2, 3):
        shortcut = model.get_layer(f"stage{stage}_block1_shortcut_conv")
        assert shortcut.input is model.get_layer(f"stage{stage}_block1_relu1").output
        assert not shortcut.use_bias
        before = model.get_layer(f"stage{stage}_block1_add").output
        assert model.get_layer(f"stage{stage}_block2_add").input[0] is before


def test_the_stem_is_a_convolution_and_the_last_sum_is_activated():
    model = shared_model("wrn16_4")
    assert [layer.name for layer in model.layers if "stem" in layer.name] == ["stem_conv"]
    assert model.get_layer("stage3_bn").input is model.get_layer("stage3_block2_add").output
    assert model.get_layer("avg_pool").input is model.get_layer("stage3_relu").output


def test_dropout_lies_between_the_convolutions_behind_the_activation():
    model = kcc.WRN16_4(dropout=0.3)
    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert len(dropouts) == 6  # one a unit, none before the classifier
    for layer in dropouts:
        block = layer.name.removesuffix("_dropout")
        assert layer.rate == 0.3
        assert layer.input is model.get_layer(f"{block}_relu2").output
        assert model.get_layer(f"{block}_conv2").input is layer.output
    assert not any("dropout" in layer.name for layer in shared_model("wrn16_4").layers)


def test_dropout_is_random_in_training_only_and_follows_the_seed():
    x = images(2, 8, 8, 3)

    def run(training, seed=1):
        keras.utils.set_random_seed(seed)
        model = kcc.WideResNet(input_shape=(8, 8, 3), n=10, k=1, dropout=0.5)
        return [np.asarray(model(x, training=training)) for _ in range(2)]

    first, again = run(training=False)
    np.testing.assert_array_equal(first, again)
    first, again = run(training=True)
    assert np.any(first != again)
    np.testing.assert_array_equal(run(training=True), [first, again])


def test_kernels_are_drawn_by_fan_in():
    model = kcc.WRN16_4()
    wide = model.get_layer("stage3_block1_conv1")  # 128 channels to 256
    assert np.std(wide.kernel) == pytest.approx(np.sqrt(2 / (9 * 128)), rel=0.02)
    first, second = (model.get_layer(f"stage3_block2_conv{i}").kernel.numpy() for i in (1, 2))
    assert np.any(first != second)


def test_only_the_inner_convolutions_of_imagenet_are_wide():
    model = shared_model("wideresnet50_2")
    for stage, filters in enumerate((64, 128, 256, 512), start=1):
        block = [model.get_layer(f"stage{stage}_block1_conv{i}") for i in (1, 2, 3)]
        assert [layer.filters for layer in block] == [2 * filters, 2 * filters, 4 * filters]
        strides = 1 if stage == 1 else 2
        assert [layer.strides[0] for layer in block] == [1, strides, 1]


@pytest.mark.parametrize("n", [17, 4, -2, 0])
def test_a_wrong_depth(n):
    with pytest.raises(ValueError, match=rf"`n` must be 6N\+4, .*16, 22, 28.* Received: n={n}"):
        kcc.WideResNet(n=n)


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"n": 28.0}, TypeError, "`n` must be an integer. Received: n=28.0"),
        ({"k": 0}, ValueError, "`k` must be at least 1. Received: k=0"),
        ({"dropout": 1}, ValueError, "`dropout` must be less than 1. Received: dropout=1"),
        ({"dropout": "0.3"}, TypeError, "`dropout` must be a number. Received: dropout='0.3'"),
    ],
)
def test_wrong_options(options, error, message):
    with pytest.raises(error, match=message):
        kcc.WideResNet(**options)


def test_named_nets_have_no_n_and_k():
    with pytest.raises(TypeError, match="no argument `k`"):
        kcc.WRN28_10(k=4)
    with pytest.raises(TypeError, match="`include_top` must be True or False. Received"):
        kcc.WideResNet(28, 10)
