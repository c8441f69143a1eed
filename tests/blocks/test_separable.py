"""Separable units: what stands in which order, and where they stride."""

import keras
import numpy as np
from harness import images, randomise

from keras_classic_cnns.blocks.separable import separable_bn, separable_twice


def model_of(unit, size=8, channels=3, **options):
    image = keras.Input((size, size, channels))
    return keras.Model(image, unit(image, 5, 3, prefix="u", **options))


def test_nothing_stands_between_depthwise_and_pointwise():
    model = model_of(separable_bn, suffix="1")
    assert [layer.name for layer in model.layers[1:]] == ["u_conv1", "u_bn1"]
    layer = model.get_layer("u_conv1")
    assert layer.activation is keras.activations.linear and not layer.use_bias
    randomise(model)
    x = images(2, 8, 8, 3)
    depthwise = keras.ops.depthwise_conv(x, layer.depthwise_kernel, padding="same")
    pointwise = keras.ops.conv(depthwise, layer.pointwise_kernel)
    np.testing.assert_allclose(layer(x), pointwise, rtol=1e-5, atol=1e-5)


def test_the_unit_is_applied_twice_and_strides_once():
    model = model_of(separable_twice, strides=2, epsilon=1e-3, momentum=0.9997)
    names = [layer.name for layer in model.layers[1:]]
    assert names == ["u_conv1", "u_bn1", "u_relu2", "u_conv2", "u_bn2"]
    assert [model.get_layer(f"u_conv{i}").strides for i in (1, 2)] == [(2, 2), (1, 1)]
    assert model.get_layer("u_conv1").pointwise_kernel.shape == (1, 1, 3, 5)
    for number in (1, 2):
        norm = model.get_layer(f"u_bn{number}")
        assert (norm.epsilon, norm.momentum) == (1e-3, 0.9997)


def test_an_even_map_is_padded_behind_it():
    model = model_of(separable_bn, size=4, channels=1, strides=2, suffix="1")
    layer = model.get_layer("u_conv1")
    corner = np.zeros((3, 3, 1, 1), "float32")
    corner[0, 0] = 1  # the first place of a window; with padding in front it would lie outside
    layer.depthwise_kernel.assign(corner)
    layer.pointwise_kernel.assign(np.ones((1, 1, 1, 5), "float32"))
    x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    np.testing.assert_array_equal(np.asarray(layer(x))[0, :, :, 0], [[0, 2], [8, 10]])
