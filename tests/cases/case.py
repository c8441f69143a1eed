"""What a case is, and what the references of the layers share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import keras_classic_cnns as kcc


@dataclass(frozen=True)
class LayerCase:
    """How a public layer is made, and what it must compute.

    Args:
        make: Makes a fresh layer.
        input_shape: Of a batch; a list of shapes for a layer that takes a list.
        reference: `reference(layer, x)`, in NumPy.
        has_gradient: Whether the output depends on the values of the input.
    """

    make: Callable[..., Any]
    input_shape: tuple[int, ...] | list[tuple[int, ...]]
    reference: Callable[[Any, Any], np.ndarray]
    has_gradient: bool = True


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
        return kcc.get_spec(self.name).channels


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
