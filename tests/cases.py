"""One descriptor for every public layer, and the small nets that go through every test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_classic_cnns import layers


@dataclass(frozen=True)
class LayerCase:
    """How a public layer is made, and what it must compute.

    Args:
        make: Makes a fresh layer.
        input_shape: Of a batch.
        reference: `reference(layer, x)`, in NumPy.
    """

    make: Callable[..., Any]
    input_shape: tuple[int, ...]
    reference: Callable[[Any, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ModelCase:
    """A net at its smallest, for the tests that run it.

    Args:
        name: Its registry name.
        size: Height and width of the image.
        options: Of the constructor.
    """

    name: str
    size: int
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([self.name, *(f"{key}={value}" for key, value in self.options.items())])

    @property
    def channels(self) -> int:
        """Channels of the image."""
        return 1 if self.name == "lenet5" else 3


# The smallest net of every family, variant and kind of block.
MODELS = [
    ModelCase("lenet5", 28),
    ModelCase("lenet5", 32, {"variant": "1998"}),
    ModelCase("resnet18", 32),
    ModelCase("resnet18", 33, {"shortcut": "C", "zero_init_last_gamma": True}),
    ModelCase("resnet50", 32, {"stride_in": "1x1"}),
    ModelCase("resnet50", 40, {"shortcut": "A"}),
    ModelCase("plainnet18", 32),
    ModelCase("resnet20", 8),
    ModelCase("resnet20", 9, {"shortcut": "B"}),
    ModelCase("plainnet20", 8),
    ModelCase("resnext50", 32),
    ModelCase("resnext29_8x64d", 8, {"groups": 4, "group_width": 8}),
]


def conv2d(x: np.ndarray, kernel: np.ndarray, groups: int = 1) -> np.ndarray:
    """A "valid" convolution, by its definition."""
    kh, kw, _, filters = kernel.shape
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    split_x = np.split(windows, groups, axis=3)
    split_kernel = np.split(kernel, groups, axis=3)
    parts = [
        np.einsum("bijckl,klcf->bijf", part, weights)
        for part, weights in zip(split_x, split_kernel, strict=True)
    ]
    return np.concatenate(parts, axis=-1)


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


def _zero_channels(layer, x):
    kept = x[:, ::2, ::2]
    zeros = np.zeros((*kept.shape[:3], layer.filters - x.shape[-1]))
    return np.concatenate([kept, zeros], axis=-1)


def _grouped(layer, x):
    return conv2d(x, np.asarray(layer.kernel), groups=4) + np.asarray(layer.bias)


def _batch_norm(layer, x):
    mean, variance = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
    scale = np.asarray(layer.gamma) / np.sqrt(variance + layer.epsilon)
    return (x - mean) * scale + np.asarray(layer.beta)


LAYERS = {
    "BatchNormalization": LayerCase(layers.BatchNormalization, (4, 5, 6, 3), _batch_norm),
    "GroupedConv2D": LayerCase(
        lambda **kwargs: layers.GroupedConv2D(8, 3, groups=4, **kwargs), (2, 7, 6, 12), _grouped
    ),
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
    "ZeroChannelShortcut": LayerCase(
        lambda **kwargs: layers.ZeroChannelShortcut(7, strides=2, **kwargs),
        (2, 5, 6, 4),
        _zero_channels,
    ),
}
