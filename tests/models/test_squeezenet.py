"""What is usually got wrong about SqueezeNet."""

import numpy as np
import pytest
from harness import images, shared_model

import keras_classic_cnns as kcc


@pytest.mark.parametrize(
    ("name", "options", "macs"),
    [
        ("squeezenet10", {}, 832_667_936),
        ("squeezenet10", {"bypass": "simple"}, 832_667_936),
        ("squeezenet10", {"bypass": "complex"}, 1_183_953_184),
        ("squeezenet11", {}, 387_747_520),
    ],
)
def test_work_at_the_size_of_the_paper(name, options, macs):
    model = kcc.get_model(name, input_shape=(227, 227, 3), **options, weights=None)
    assert kcc.analysis.cost(model).totals.macs == macs


def test_the_last_convolution_is_not_padded():
    """The Caffe file's pad of 1 makes 13x13 to 15x15, and 861,339,936 multiply-accumulates."""
    model = kcc.SqueezeNet10(input_shape=(227, 227, 3), weights=None)
    assert model.get_layer("conv10").output.shape[1:3] == (13, 13)
    assert 832_667_936 + (15**2 - 13**2) * 512 * 1000 == 861_339_936


@pytest.mark.parametrize(
    ("name", "pooled"),
    [("squeezenet10", ("fire4", "fire8")), ("squeezenet11", ("fire3", "fire5"))],
)
def test_where_the_pools_are(name, pooled):
    model = shared_model(name)
    stages = [layer.name for layer in model.layers if "fire" in layer.name]
    closes = [a for a, b in zip(stages, stages[1:], strict=False) if a[:6] != b[:6]]
    assert tuple(name.split("_")[1] for name in closes) == pooled
    pools = [layer for layer in model.layers if type(layer).__name__ == "PaddedMaxPooling2D"]
    assert len(pools) == 3
    for pool in pools:
        assert pool.ceil_mode and pool.padding == (0, 0)
        assert (pool.pool_size, pool.strides) == ((3, 3), (2, 2))


@pytest.mark.parametrize(
    ("name", "filters", "kernel"), [("squeezenet10", 96, 7), ("squeezenet11", 64, 3)]
)
def test_the_first_convolution_is_not_padded(name, filters, kernel):
    layer = shared_model(name).get_layer("stem_conv")
    assert (layer.filters, layer.kernel_size, layer.padding) == (filters, (kernel,) * 2, "valid")


def test_dropout_comes_before_the_last_convolution_and_relu_behind_it():
    model = shared_model("squeezenet10")
    names = [layer.name for layer in model.layers]
    assert names[-5:] == ["stage3_fire9", "dropout", "conv10", "avg_pool", "predictions"]
    assert model.get_layer("dropout").rate == 0.5
    assert model.get_layer("conv10").activation.__name__ == "relu"
    assert not model.get_layer("predictions").weights
    logits = kcc.SqueezeNet11(input_shape=(32, 32, 3), classifier_activation=None, weights=None)
    assert np.min(logits(images(2, 32, 32, 3))) >= 0


def test_simple_bypass_is_identity_around_odd_modules():
    model = kcc.SqueezeNet10(bypass="simple", weights=None)
    sums = [layer for layer in model.layers if type(layer).__name__ == "Add"]
    assert [layer.name.split("_")[1] for layer in sums] == ["fire3", "fire5", "fire7", "fire9"]
    for layer in sums:
        module = model.get_layer(layer.name.removesuffix("_bypass"))
        assert layer.input[1] is module.input
    # around fire5 goes what fire5 reads, that is, what the pooling left
    assert model.get_layer("stage2_fire5").input is model.get_layer("stage2_pool").output


def test_complex_bypass_convolves_around_even_modules():
    model = kcc.SqueezeNet10(bypass="complex", weights=None)
    convs = [layer for layer in model.layers if layer.name.endswith("_bypass_conv")]
    assert [layer.name.split("_")[1] for layer in convs] == ["fire2", "fire4", "fire6", "fire8"]
    assert [layer.filters for layer in convs] == [128, 256, 384, 512]
    assert all(layer.use_bias and layer.kernel_size == (1, 1) for layer in convs)
    assert len([layer for layer in model.layers if type(layer).__name__ == "Add"]) == 8


@pytest.mark.parametrize(("bypass", "gain"), [(None, 2), ("simple", 1), ("complex", 1)])
def test_initial_kernels(bypass, gain):
    model = kcc.SqueezeNet10(input_shape=(32, 32, 3), bypass=bypass, weights=None)
    assert abs(float(np.std(model.get_layer("conv10").kernel)) - 0.01) < 0.001
    bound = np.sqrt(3 * gain / 144)
    kernel = np.asarray(model.get_layer("stage1_fire2").expand3x3.kernel)
    assert 0.9 * bound < np.abs(kernel).max() <= bound
    if bypass == "complex":
        shortcut = model.get_layer("stage1_fire2_bypass_conv").kernel
        caffe = np.sqrt(1 / shortcut.shape[2])
        assert np.std(shortcut) == pytest.approx(caffe / 2, rel=0.02)


def test_refuses():
    with pytest.raises(ValueError, match="`bypass` must be one of None, 'simple', 'complex'.*='x'"):
        kcc.SqueezeNet10(bypass="x", weights=None)
    with pytest.raises(ValueError, match="`dropout` must be less than 1. Received: dropout=1"):
        kcc.SqueezeNet10(dropout=1, weights=None)
