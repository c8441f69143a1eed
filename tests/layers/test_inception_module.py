"""The module of four branches."""

import keras
import numpy as np
import pytest
from harness import check_layer, images

import keras_classic_cnns as kcc
from keras_classic_cnns.layers import InceptionModule

NAIVE = (128, None, 192, None, 96, None)
BOTTLENECKS = (128, 64, 192, 64, 96, 64)


@pytest.mark.parametrize(
    ("filters", "channels", "parameters", "macs"),
    [(NAIVE, 672, 1_089_952, 854_196_224), (BOTTLENECKS, 480, 346_720, 271_351_808)],
    ids=["naive", "bottlenecks"],
)
def test_figures_of_the_lecture(filters, channels, parameters, macs):
    """CS231n, lecture 9, on 28x28x256; its 358 million count one 3x3 convolution twice."""
    image = keras.Input((28, 28, 256))
    model = keras.Model(image, InceptionModule(*filters, name="module")(image))
    row = kcc.analysis.cost(model).rows[-1]
    assert row.output_shape == (28, 28, channels)
    assert (row.parameters, row.macs) == (parameters, macs)
    assert row.receptive_field == (5, 5)


def test_the_slide_counts_a_3x3_twice():
    again = 28 * 28 * 3 * 3 * 64 * 192
    assert 271_351_808 + again == 358_055_936


def test_without_reductions_pooling_keeps_every_channel():
    layer = InceptionModule(1, None, 1, None, 1, None)
    x = images(1, 5, 6, 3)
    y = np.asarray(layer(x))
    assert y.shape == layer.compute_output_shape(x.shape) == (1, 5, 6, 6)
    # the border is not compared with zeros: all channels here are negative
    np.testing.assert_array_equal(np.asarray(layer(-np.abs(x) - 1))[..., 3:].max() < 0, True)
    np.testing.assert_array_equal(y[0, 0, 0, 3:], x[0, :2, :2].max((0, 1)))


def test_order_of_the_branches():
    layer = InceptionModule(1, 1, 2, 1, 3, 4)
    layer.build((None, None, None, 5))
    for name, value in (("1x1", 1), ("3x3", 2), ("5x5", 3), ("pool_proj", 4)):
        layer.convolutions[name].kernel.assign(0 * layer.convolutions[name].kernel)
        layer.convolutions[name].bias.assign(np.full(value, value, "float32"))
    y = np.asarray(layer(images(1, 3, 3, 5)))
    assert y[0, 1, 1].tolist() == [1, 2, 2, 3, 3, 3, 4, 4, 4, 4]


def _folded(layer, x):
    """A module with biases, made of one with batch normalisation: the same function."""
    options = {**layer.get_config(), "batch_norm": False}
    plain = InceptionModule.from_config(options)
    plain.build(x.shape)
    for name, conv in layer.convolutions.items():
        gamma, beta, mean, variance = (np.asarray(w) for w in layer.norms[name].get_weights())
        scale = gamma / np.sqrt(variance + 1e-3)
        plain.convolutions[name].kernel.assign(conv.kernel * scale)
        plain.convolutions[name].bias.assign(beta - mean * scale)
        assert conv.bias is None
    return np.asarray(plain(x.astype("float32")))


def test_with_batch_normalisation_and_3x3_in_place_of_5x5():
    def make(**kwargs):
        return InceptionModule(4, 3, 5, 2, 3, 2, large_kernel_size=3, batch_norm=True, **kwargs)

    check_layer(make, (2, 6, 7, 4), _folded)


def test_statistics_are_those_of_the_batch_in_training():
    layer = InceptionModule(4, 3, 5, 2, 3, 2, batch_norm=True)
    x = images(4, 6, 6, 3)
    layer(x)
    assert not layer.norms["1x1"].moving_mean.numpy().any()
    layer(x, training=True)
    y = np.asarray(layer.convolutions["1x1"](x)).mean((0, 1, 2))
    np.testing.assert_allclose(layer.norms["1x1"].moving_mean, 0.1 * y, atol=1e-6)


def test_kernels_of_one_shape_start_differently():
    layer = InceptionModule(3, 3, 3, 3, 3, 3)
    layer.build((None, 8, 8, 4))
    first, second = (np.asarray(layer.convolutions[f"{k}_reduce"].kernel) for k in ("3x3", "5x5"))
    assert np.abs(first - second).max() > 0.01


def test_initializers_reload():
    layer = InceptionModule(
        1, 1, 1, 1, 1, 1, kernel_initializer="lecun_uniform", bias_initializer="ones"
    )
    copy = InceptionModule.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    copy.build((None, 4, 4, 1))
    assert copy.convolutions["1x1"].bias.numpy().tolist() == [1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filters_1x1": 0}, "`filters_1x1` must be at least 1. Received: filters_1x1=0"),
        ({"reduce_5x5": 0}, "`reduce_5x5` must be at least 1. Received: reduce_5x5=0"),
        ({"large_kernel_size": 7}, "must be one of 3, 5. Received: large_kernel_size=7"),
    ],
)
def test_refuses(change, message):
    names = ("filters_1x1", "reduce_3x3", "filters_3x3", "reduce_5x5", "filters_5x5", "pool_proj")
    with pytest.raises(ValueError, match=message):
        InceptionModule(**{**dict.fromkeys(names, 1), **change})


def test_a_map_has_known_channels():
    with pytest.raises(ValueError, match=r"channels known. Received: inputs.shape=\(None, 8, 8, N"):
        InceptionModule(1, 1, 1, 1, 1, 1)(keras.Input((8, 8, None)))


def twos(shape, dtype=None):
    return keras.ops.full(shape, 2, dtype)


def test_any_function_is_an_initializer():
    layer = InceptionModule(1, 1, 1, 1, 1, 1, kernel_initializer=twos, bias_initializer=twos)
    layer.build((None, 8, 8, 4))
    assert all(np.all(weight == 2) for weight in layer.weights)
