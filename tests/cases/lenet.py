"""LeNet-5 and its layers."""

import numpy as np

from cases.case import LayerCase, ModelCase, conv2d
from keras_classic_cnns import layers

MODELS = [
    ModelCase("lenet5", 28),
    ModelCase("lenet5", 32, {"variant": "1998"}),
]


def _table_conv(layer, x):
    kernel, bias = map(np.asarray, (layer.kernel, layer.bias))
    maps, start = [], 0
    for o, row in enumerate(layer.table):
        weights = kernel[..., start : start + len(row)][..., None]
        maps.append(conv2d(x[..., row], weights)[..., 0] + bias[o])
        start += len(row)
    return np.tanh(np.stack(maps, axis=-1))


def _subsampling(layer, x):
    batch, height, width, channels = x.shape
    blocks = x[:, : height // 2 * 2, : width // 2 * 2].reshape(
        batch, height // 2, 2, width // 2, 2, channels
    )
    return np.tanh(blocks.sum(axis=(2, 4)) * np.asarray(layer.coefficient) + np.asarray(layer.bias))


def _radial_basis(layer, x):
    scores = [-np.sum((x - code) ** 2, axis=1) for code in layer.codes]
    return np.stack(scores, axis=1)


LAYERS = {
    "RadialBasis": LayerCase(
        lambda **kwargs: layers.RadialBasis([[1, 0, -1], [0.5, 1, 1]], **kwargs),
        (5, 3),
        _radial_basis,
    ),
    "TableConv2D": LayerCase(
        lambda **kwargs: layers.TableConv2D(
            [[0, 1], [1, 2], [0, 1, 2]], (3, 2), activation="tanh", **kwargs
        ),
        (2, 6, 5, 3),
        _table_conv,
    ),
    "TrainableSubsampling": LayerCase(
        lambda **kwargs: layers.TrainableSubsampling(2, activation="tanh", **kwargs),
        (2, 7, 6, 3),
        _subsampling,
    ),
}
