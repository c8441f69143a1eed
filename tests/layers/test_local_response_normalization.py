"""Which alpha is meant, where the window ends, and both ways to compute it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

from keras_classic_cnns.layers import LocalResponseNormalization


def test_alpha_over_the_mean_is_alpha_over_the_size_of_the_window():
    x = 10 * images(2, 3, 4, 8)
    mean = LocalResponseNormalization(2, 1.0, 5e-2, alpha_over="mean")(x)
    over_sum = LocalResponseNormalization(2, 1.0, 1e-2)(x)
    np.testing.assert_allclose(mean, over_sum, rtol=1e-6)
    assert not np.allclose(over_sum, LocalResponseNormalization(2, 1.0, 5e-2)(x), rtol=1e-2)


def test_defaults_are_those_of_the_paper():
    config = LocalResponseNormalization().get_config()
    assert (config["depth_radius"], config["bias"]) == (2, 2.0)
    assert (config["alpha"], config["beta"], config["alpha_over"]) == (1e-4, 0.75, "sum")


def test_the_last_channels_divide_by_the_whole_window():
    """Caffe and torch divide by n = 2r + 1 also where fewer channels exist."""
    x = np.full((1, 1, 1, 3), 2.0, "float32")
    layer = LocalResponseNormalization(1, bias=1, alpha=3, beta=1, alpha_over="mean")
    np.testing.assert_allclose(np.ravel(layer(x)), [2 / 9, 2 / 13, 2 / 9], rtol=1e-6)


@pytest.mark.parametrize("depth_radius", [1, 2, 5])
def test_both_forms_agree_with_their_gradients(depth_radius, monkeypatch):
    x = tf.constant(3 * images(2, 4, 5, 9))
    layer = LocalResponseNormalization(depth_radius, bias=1, alpha=0.1)

    def run():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(y * images(*y.shape, seed=1))
        return y, tape.gradient(loss, x)

    native = run()
    monkeypatch.setattr(LocalResponseNormalization, "_is_native", lambda self, x: False)
    for one, other in zip(native, run(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({"depth_radius": 0}, (2, 3, 4, 5)),
        ({"depth_radius": 9}, (2, 3, 4, 5)),
        ({"beta": 0.0}, (2, 3, 4, 5)),
        ({"dtype": "float64"}, (2, 3, 4, 5)),
        ({}, (2, 5)),
    ],
)
def test_what_tensorflow_does_not_take_is_computed_all_the_same(arguments, shape):
    x = images(*shape)
    y = np.asarray(LocalResponseNormalization(alpha=0.1, bias=1, **arguments)(x))
    radius, beta = arguments.get("depth_radius", 2), arguments.get("beta", 0.75)
    for c in range(shape[-1]):
        sums = (x[..., max(c - radius, 0) : c + radius + 1] ** 2).sum(-1)
        np.testing.assert_allclose(y[..., c], x[..., c] / (1 + 0.1 * sums) ** beta, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_does_not_overflow(dtype):
    """1000 squared is more than float16 holds."""
    x = np.full((1, 2, 2, 5), 1000.0)
    y = LocalResponseNormalization(2, 1.0, 1.0, 0.5, dtype=dtype)(x)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    expected = 1 / np.sqrt([3, 4, 5, 4, 3])
    np.testing.assert_allclose(tf.cast(y[0, 0, 0], "float32"), expected, rtol=1e-2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth_radius": -1}, "`depth_radius` must be at least 0. Received: depth_radius=-1"),
        ({"bias": 0}, "`bias` must be above 0. Received: bias=0"),
        ({"alpha": -1e-4}, "`alpha` must be at least 0. Received: alpha=-0.0001"),
        ({"beta": -1}, "`beta` must be at least 0. Received: beta=-1"),
        ({"alpha_over": "n"}, "`alpha_over` must be one of 'sum', 'mean'. Received: alpha_over"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        LocalResponseNormalization(**arguments)
