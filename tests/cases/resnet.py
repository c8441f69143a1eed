"""ResNet in its forms, and the layers that all residual nets use."""

import numpy as np

from cases.case import LayerCase, ModelCase
from keras_classic_cnns import layers

MODELS = [
    ModelCase("resnet18", 32),
    ModelCase("resnet18", 33, {"shortcut": "C", "zero_init_last_gamma": True}),
    ModelCase("resnet50", 32, {"stride_in": "1x1"}),
    ModelCase("resnet50", 40, {"shortcut": "A"}),
    ModelCase("plainnet18", 32),
    ModelCase("resnet20", 8),
    ModelCase("resnet20", 9, {"shortcut": "B"}),
    ModelCase("plainnet20", 8),
]


def _zero_channels(layer, x):
    kept = x[:, ::2, ::2]
    zeros = np.zeros((*kept.shape[:3], layer.filters - x.shape[-1]))
    return np.concatenate([kept, zeros], axis=-1)


def _batch_norm(layer, x):
    mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    scale = np.asarray(layer.gamma) / np.sqrt(variance + layer.epsilon)
    return (x - mean) * scale + np.asarray(layer.beta)


LAYERS = {
    "BatchNormalization": LayerCase(layers.BatchNormalization, (4, 5, 6, 3), _batch_norm),
    "ZeroChannelShortcut": LayerCase(
        lambda **kwargs: layers.ZeroChannelShortcut(7, strides=2, **kwargs),
        (2, 5, 6, 4),
        _zero_channels,
    ),
}
