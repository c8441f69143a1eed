"""SqueezeNet, and its module."""

import numpy as np

from cases.case import LayerCase, ModelCase
from cases.googlenet import relu_conv
from keras_classic_cnns import layers

MODELS = [
    ModelCase("squeezenet10", 29, {"bypass": "complex", "dropout": 0.0}),
    ModelCase("squeezenet11", 32, {"dropout": 0.0}),
]


def _fire(layer, x):
    narrow = relu_conv(layer.squeeze, x)
    expanded = [relu_conv(conv, narrow) for conv in (layer.expand1x1, layer.expand3x3)]
    return np.concatenate(expanded, axis=-1)


LAYERS = {
    "Fire": LayerCase(lambda **kwargs: layers.Fire(3, 4, 5, **kwargs), (2, 6, 7, 6), _fire),
}
