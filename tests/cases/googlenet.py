"""The inception modules of 2014 and 2015, and the nets that stack them."""

import numpy as np

from cases.case import LayerCase, ModelCase, conv2d
from keras_classic_cnns import layers

MODELS = [
    ModelCase("googlenet", 47, {"dropout": 0.0}),
    ModelCase("googlenet", 48, {"variant": "bn", "dropout": 0.0}),
    ModelCase("bninception", 32),
    ModelCase("sebninception", 33),
]


def relu_conv(layer, x):
    """relu(conv(x) + b) of a convolution layer, on the padded map."""
    kernel, bias = (np.asarray(weight, "float64") for weight in (layer.kernel, layer.bias))
    p = kernel.shape[0] // 2
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    return np.maximum(conv2d(padded, kernel) + bias, 0)


def _inception(layer, x):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    conv = layer.convolutions
    branches = [
        relu_conv(conv["1x1"], x),
        relu_conv(conv["3x3"], relu_conv(conv["3x3_reduce"], x)),
        relu_conv(conv["5x5"], relu_conv(conv["5x5_reduce"], x)),
        relu_conv(conv["pool_proj"], windows.max(axis=(-1, -2))),
    ]
    return np.concatenate(branches, axis=-1)


LAYERS = {
    "InceptionModule": LayerCase(
        lambda **kwargs: layers.InceptionModule(4, 3, 5, 2, 3, 2, **kwargs),
        (2, 6, 7, 4),
        _inception,
    ),
}
