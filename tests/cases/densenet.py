"""DenseNet in its forms, and its layers."""

import numpy as np

from cases.case import LayerCase, ModelCase, conv2d
from keras_classic_cnns import layers

MODELS = [
    ModelCase("densenet121", 29),
    ModelCase("densenet40_12", 8),
    ModelCase("densenet40_12", 9, {"dropout": 0.2, "memory_efficient": True}),
]


def _norm_relu_conv(norm, conv, x):
    mean, variance = np.asarray(norm.moving_mean), np.asarray(norm.moving_variance)
    scale = np.asarray(norm.gamma) / np.sqrt(variance + 1e-5)
    x = np.maximum((x - mean) * scale + np.asarray(norm.beta), 0)
    kernel = np.asarray(conv.kernel)
    half = kernel.shape[0] // 2
    return conv2d(np.pad(x, ((0, 0), (half, half), (half, half), (0, 0))), kernel)


def _layer(layer, x):
    x = _norm_relu_conv(layer.bn1, layer.conv1, x)
    return _norm_relu_conv(layer.bn2, layer.conv2, x) if layer.bottleneck else x


def _block(block, x):
    maps = [x]
    for layer in block.layers:
        maps.append(_layer(layer, np.concatenate(maps, axis=-1)))
    return np.concatenate(maps, axis=-1)


LAYERS = {
    "DenseBlock": LayerCase(
        lambda **kwargs: layers.DenseBlock(3, 4, memory_efficient=True, **kwargs),
        (4, 5, 6, 3),
        _block,
    ),
    "DenseLayer": LayerCase(
        lambda **kwargs: layers.DenseLayer(4, bottleneck=False, **kwargs), (4, 5, 6, 3), _layer
    ),
}
