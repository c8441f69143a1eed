"""Pooling as Caffe and Torch do it, by its definition."""

import numpy as np

from cases.case import LayerCase
from keras_classic_cnns import layers


def _windows(layer, x):
    """For each output place: the window's rows and columns inside the map, and the padded ones."""
    starts = []
    for axis in (0, 1):
        size, k, s, p = x.shape[axis + 1], layer.pool_size[axis], layer.strides[axis], 1
        assert layer.padding[axis] == p
        found = []
        start = -p
        # a window is there if it fits, or with ceil_mode if it begins before the end of the map
        while start + k <= size + p or (layer.ceil_mode and start - s + k < size + p):
            if layer.ceil_mode and start >= size:
                break
            found.append((max(start, 0), min(start + k, size), min(start + k, size + p) - start))
            start += s
        starts.append(found)
    return starts


def _pool(layer, x, reduce):
    rows, columns = _windows(layer, x)
    return np.stack(
        [
            np.stack([reduce(x[:, t:b, le:r], th * w) for le, r, w in columns], axis=1)
            for t, b, th in rows
        ],
        axis=1,
    )


def _maximum(layer, x):
    return _pool(layer, x, lambda window, _: window.max(axis=(1, 2)))


def _mean(layer, x):
    def mean(window, padded):
        count = padded if layer.count_include_pad else window.shape[1] * window.shape[2]
        return window.sum(axis=(1, 2)) / count

    return _pool(layer, x, mean)


def _gated(layer, x):
    means = x.mean(axis=(1, 2))
    (w1, b1), (w2, b2) = (map(np.asarray, d.get_weights()) for d in (layer.squeeze, layer.excite))
    gate = 1 / (1 + np.exp(-(np.maximum(means @ w1 + b1, 0) @ w2 + b2)))
    return x * gate[:, None, None, :]


def _auxiliary(layer, x):
    return np.tanh(x @ np.asarray(layer.kernel) + np.asarray(layer.bias))


LAYERS = {
    "AuxiliaryClassifier": LayerCase(
        lambda **kwargs: layers.AuxiliaryClassifier(4, "tanh", loss_weight=0.3, **kwargs),
        (5, 3),
        _auxiliary,
    ),
    "PaddedAveragePooling2D": LayerCase(
        lambda **kwargs: layers.PaddedAveragePooling2D(3, 2, 1, ceil_mode=True, **kwargs),
        (2, 8, 5, 3),
        _mean,
    ),
    "PaddedMaxPooling2D": LayerCase(
        lambda **kwargs: layers.PaddedMaxPooling2D((3, 2), 2, 1, ceil_mode=True, **kwargs),
        (2, 6, 5, 3),
        _maximum,
    ),
    "SqueezeExcite": LayerCase(
        lambda **kwargs: layers.SqueezeExcite(4, **kwargs), (2, 5, 6, 8), _gated
    ),
}
