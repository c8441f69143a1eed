"""AlexNet, and what it and its followers normalise and pool with."""

import numpy as np

from cases.case import LayerCase, ModelCase
from keras_classic_cnns import layers

# without dropout, whose noise would hide that five steps lower the loss
MODELS = [
    ModelCase("alexnet", 55, {"dropout": 0.0}),
    ModelCase("alexnetv2", 63, {"dropout": 0.0}),
]


def _response(layer, x):
    n, channels = 2 * layer.depth_radius + 1, x.shape[-1]
    y = np.empty_like(x)
    for c in range(channels):
        first, end = max(c - layer.depth_radius, 0), min(c + layer.depth_radius + 1, channels)
        energy = np.sum(x[..., first:end] ** 2, axis=-1) / n
        y[..., c] = x[..., c] / (layer.bias + layer.alpha * energy) ** layer.beta
    return y


def _adaptive(layer, x):
    (height, width), (rows, columns) = x.shape[1:3], layer.output_size

    def span(i, n, m):
        return slice(int(np.floor(i * n / m)), int(np.ceil((i + 1) * n / m)))

    means = [
        [
            x[:, span(i, height, rows), span(j, width, columns)].mean(axis=(1, 2))
            for j in range(columns)
        ]
        for i in range(rows)
    ]
    return np.array(means).transpose(2, 0, 1, 3)


LAYERS = {
    "AdaptiveAveragePooling2D": LayerCase(
        lambda **kwargs: layers.AdaptiveAveragePooling2D((3, 8), **kwargs), (2, 5, 6, 3), _adaptive
    ),
    "LocalResponseNormalization": LayerCase(
        lambda **kwargs: layers.LocalResponseNormalization(
            2, bias=1.5, alpha=0.5, beta=0.6, alpha_over="mean", **kwargs
        ),
        (2, 4, 5, 7),
        _response,
    ),
}
