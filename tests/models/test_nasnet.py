"""What is usually got wrong about NASNet."""

import re

import keras
import numpy as np
import pytest
from harness import images, randomise, shared_model

import keras_classic_cnns as kcc

TINY = {"cells": 1, "filters": 96}


def layer_names(model):
    return [layer.name for layer in model.layers]


def test_large_skips_the_reductions_and_mobile_does_not():
    """The cell behind a reduction: Large's sees as h1 what the reduction saw as h1."""
    for build, before in ((kcc.NASNetLarge, "stage2_block1"), (kcc.NASNetMobile, "stage2_block2")):
        model = build(weights=None, cells=2, filters=96, input_shape=(64, 64, 3))
        assert model.get_layer("stage3_block1_h1_relu").input is (
            model.get_layer(f"{before}_concat").output
        )
        assert model.get_layer("stage3_block2_h1_relu").input is (
            model.get_layer("stage3_reduction_concat").output
        )
        # the stem's reductions are not skipped
        assert model.get_layer("stage2_block1_h1_relu").input is (
            model.get_layer("stage1_reduction_concat").output
        )


def test_the_stem_is_a_valid_convolution_without_relu():
    model = kcc.NASNetMobile(**TINY, input_shape=(64, 64, 3), weights=None)
    assert model.get_layer("stem_bn").output.shape[1:] == (31, 31, 32)
    # the first cell takes it twice, once behind a ReLU and once as it is
    raw = model.get_layer("stem_bn").output
    assert model.get_layer("stage1_reduction_h0_relu").input is raw
    assert model.get_layer("stage1_reduction_state1_relu").input is raw
    assert model.get_layer("stage2_reduction_h1_relu").input is raw


def test_widths_of_the_stem_cells_and_of_the_output():
    shapes = {k: v.shape[-1] for k, v in kcc.endpoints(shared_model("nasnetmobile")).items()}
    filters = 1056 // 24
    assert shapes == {
        "stem": 32,
        "stage1": 4 * filters // 4,
        "stage2": 6 * filters,
        "stage3": 12 * filters,
        "stage4": 24 * filters,
    }


@pytest.mark.parametrize(
    "name, epsilon, momentum", [("nasnetcifar", 1e-5, 0.9), ("nasnetmobile", 1e-3, 0.9997)]
)
def test_normalisation(name, epsilon, momentum):
    for layer in kcc.get_model(
        name, **TINY, input_shape=(96, 96, 3), aux_heads=True, weights=None
    ).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            assert (layer.epsilon, layer.momentum) == (epsilon, momentum), layer.name


def test_dropout_stands_before_the_classifier_on_imagenet_only():
    assert shared_model("nasnetmobile").get_layer("dropout").rate == 0.5
    large = kcc.NASNetLarge(**TINY, input_shape=(64, 64, 3), weights=None)
    assert large.get_layer("dropout").rate == 0.5
    assert "dropout" not in layer_names(shared_model("nasnetcifar"))


def test_drop_path_grows_with_the_cell():
    rates = {}
    for layer in shared_model("nasnetcifar").layers:
        if name := re.fullmatch(r"(stage\d_\w+?)_state.*_drop", layer.name):
            rates.setdefault(name[1], set()).add((layer.rate, layer.depth))
    assert len(rates) == 20
    assert rates["stage1_block1"] == {(0.4, 1 / 20)}
    assert rates["stage2_reduction"] == {(0.4, 7 / 20)}
    assert rates["stage3_block6"] == {(0.4, 1.0)}


def test_imagenet_nets_count_their_stem_cells():
    model = kcc.NASNetLarge(**TINY, input_shape=(64, 64, 3), weights=None)
    depths = [
        model.get_layer(f"{cell}_state2_left_drop").depth
        for cell in ("stage1_reduction", "stage2_reduction", "stage2_block1", "stage4_block1")
    ]
    assert depths == [1 / 7, 2 / 7, 3 / 7, 1.0]
    assert model.get_layer("stage1_reduction_state2_left_drop").rate == 0.3
    assert not any(name.endswith("_drop") for name in layer_names(shared_model("nasnetmobile")))


def test_drop_path_acts_in_training_only():
    model = kcc.NASNetCIFAR(**TINY, drop_path_rate=0.9, input_shape=(8, 8, 3))
    x = images(4, 8, 8, 3)
    np.testing.assert_array_equal(model(x), model(x))
    assert not np.allclose(model(x, training=True), model(x, training=True))
    still = kcc.NASNetCIFAR(**TINY, drop_path_rate=0.0, input_shape=(8, 8, 3))
    np.testing.assert_array_equal(still(x, training=True), still(x, training=True))


def test_variants_differ_in_their_output_only():
    nets = [
        kcc.NASNetMobile(
            **TINY, variant=v, input_shape=(33, 33, 3), classifier_activation=None, weights=None
        )
        for v in ("slim", "timm", "keras")
    ]
    randomise(nets[0])
    for net in nets[1:]:
        assert [w.path for w in net.weights] == [w.path for w in nets[0].weights]
        net.set_weights(nets[0].get_weights())
    x = images(2, 33, 33, 3)
    slim, timm, keras_ = (np.asarray(net(x)) for net in nets)
    for one, other in ((slim, timm), (timm, keras_), (slim, keras_)):
        assert np.max(np.abs(one - other)) > 1e-3 * np.ptp(slim)


@pytest.mark.parametrize(
    "build, counts",
    [
        (kcc.NASNetCIFAR, ("nothing", "nothing")),
        (kcc.NASNetLarge, ("nothing", "nothing")),
        (kcc.NASNetMobile, ("zeros", "zeros")),
    ],
)
def test_what_pools_that_stride_see_outside_of_the_map(build, counts):
    """Of a map of -1, a mean or maximum over nothing else is -1, with zeros beside it is more."""
    size = 16 if build is kcc.NASNetCIFAR else 64
    model = build(weights=None, **TINY, input_shape=(size, size, 3))
    seen = {}
    for pool in model.layers:
        kind = {"AveragePooling2D": "mean", "MaxPooling2D": "maximum"}.get(type(pool).__name__)
        if kind and pool.strides == (2, 2) and pool.name.startswith("stage3_reduction_state"):
            pads = [pad for pad in model.layers if pad.output is pool.input and "pad" in pad.name]
            x = -np.ones((1, *(pads or [pool])[0].input.shape[1:]), "float32")
            for layer in [*pads, pool]:
                x = np.asarray(layer(x))
            seen[kind] = "nothing" if np.allclose(x, -1) else "zeros"
    assert (seen["mean"], seen["maximum"]) == counts


@pytest.mark.parametrize("name, map_size", [("nasnetcifar", 4), ("nasnetmobile", 4)])
def test_the_auxiliary_head(name, map_size):
    size = kcc.get_spec(name).input_size
    model = kcc.get_model(name, **TINY, aux_heads=True, input_shape=(size, size, 3), weights=None)
    assert kcc.aux_loss_weights(model) == {"predictions": 1.0, "aux1": 0.4}
    stage = 2 if name == "nasnetcifar" else 3
    assert model.get_layer("aux1_relu").input is (
        model.get_layer(f"stage{stage}_block1_concat").output
    )
    order = ["relu", "pool", "conv1", "bn1", "relu1", "conv2", "bn2", "relu2", "flatten"]
    found = [n for n in layer_names(model) if n.startswith("aux1_")]
    assert found == [f"aux1_{kind}" for kind in order]
    assert model.get_layer("aux1_pool").output.shape[1:3] == (map_size, map_size)
    assert model.get_layer("aux1_conv2").kernel.shape == (map_size, map_size, 128, 768)
    classes = kcc.get_spec(name).classes
    assert {key: output.shape for key, output in model.output.items()} == {
        "predictions": (None, classes),
        "aux1": (None, classes),
    }


def test_the_auxiliary_head_needs_a_map_of_known_size():
    with pytest.raises(ValueError, match=r"at least 5x5. Received: map=\(4, 4\)"):
        kcc.NASNetCIFAR(**TINY, aux_heads=True, input_shape=(8, 8, 3))
    with pytest.raises(ValueError, match=r"image of fixed size .*Received: map=\(None, None\)"):
        kcc.NASNetCIFAR(**TINY, aux_heads=True, input_shape=(None, None, 3))


@pytest.mark.parametrize(
    "build, options, error, message",
    [
        ("NASNetCIFAR", {"filters": 1538}, ValueError, "multiple of 24.*Received: filters=1538"),
        ("NASNetLarge", {"filters": 1080}, ValueError, "multiple of 96.*Received: filters=1080"),
        ("NASNetCIFAR", {"filters": 0}, ValueError, "`filters` must be at least 1"),
        ("NASNetCIFAR", {"cells": 0}, ValueError, "`cells` must be at least 1"),
        ("NASNetCIFAR", {"drop_path_rate": 1.0}, ValueError, "rate` must be less than 1"),
        ("NASNetCIFAR", {"drop_path_steps": 0}, ValueError, "`drop_path_steps` must be at least 1"),
        ("NASNetMobile", {"dropout": 1}, ValueError, "`dropout` must be less than 1"),
        ("NASNetMobile", {"variant": "tf"}, ValueError, "one of 'slim', 'timm', 'keras'"),
        ("NASNetCIFAR", {"variant": "slim"}, TypeError, "no argument `variant`"),
    ],
)
def test_refuses(build, options, error, message):
    with pytest.raises(error, match=message):
        getattr(kcc, build)(**options)


def test_a_free_size_gives_what_a_fixed_one_does():
    """Also at odd sizes, where keras.applications's own free graph pads wrongly."""
    free = kcc.NASNetMobile(**TINY, include_top=False, input_shape=(None, None, 3), weights=None)
    randomise(free)
    for size in (40, 45):
        fixed = kcc.NASNetMobile(
            **TINY, include_top=False, input_shape=(size, size, 3), weights=None
        )
        fixed.set_weights(free.get_weights())
        x = images(1, size, size, 3)
        np.testing.assert_allclose(free(x), fixed(x), rtol=1e-4, atol=1e-4)
