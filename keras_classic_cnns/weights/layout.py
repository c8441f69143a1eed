"""The layout of arrays: between torch's order of axes and Keras's, and kernels for other images."""

import re
from collections.abc import Mapping

import numpy as np

COLOURS = 3  # channels of the images that public weights were trained on


def to_keras_layout(
    array: np.ndarray, shape: tuple[int, ...], flattened: tuple[int, int, int] | None = None
) -> np.ndarray | None:
    """An array of torch's layout in Keras's: `(out, in, h, w)` becomes `(h, w, in, out)`.

    Args:
        array: A convolution, a depthwise convolution, a dense kernel or a vector.
        shape: The shape of our variable.
        flattened: Height, width and channels of the map that is flattened before a dense layer;
            torch flattens channels first.

    Returns:
        The array, or `None` where it has another shape.

    Example:
        >>> to_keras_layout(np.zeros((64, 3, 7, 7)), (7, 7, 3, 64)).shape
        (7, 7, 3, 64)
    """
    array = np.asarray(array)
    if array.ndim == 2 and flattened is not None and array.shape[1] == np.prod(flattened):
        height, width, channels = flattened
        array = array.reshape(-1, channels, height, width)
    if array.ndim == 4:
        is_depthwise = array.shape[1] == 1 and len(shape) == 4 and shape[3] == 1
        array = array.transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0))
        if len(shape) == 2:  # a convolution over the whole map is a dense layer
            array = array.reshape(-1, array.shape[-1])
    elif array.ndim == 2:
        array = array.T.reshape(1, 1, *array.T.shape) if len(shape) == 4 else array.T
    return array if array.shape == shape else None


def to_torch_layout(
    array: np.ndarray,
    path: str,
    *,
    flattened: tuple[int, int, int] | None = None,
    is_convolution: bool = False,
) -> np.ndarray:
    """An array of Keras's layout in torch's: `(h, w, in, out)` becomes `(out, in, h, w)`.

    Args:
        array: A convolution, a depthwise convolution, a dense kernel or a vector.
        path: The path of the variable, which tells a depthwise convolution.
        flattened: Height, width and channels of the map that is flattened before a dense layer;
            torch flattens channels first.
        is_convolution: Whether torch computes our dense layer as a convolution over the map.

    Returns:
        A float32 array of its own, in C order.

    Example:
        >>> to_torch_layout(np.zeros((7, 7, 3, 64)), "stem_conv/kernel").shape
        (64, 3, 7, 7)
    """
    if array.ndim == 4:
        is_depthwise = path.endswith("depthwise_kernel")
        array = array.transpose((2, 3, 0, 1) if is_depthwise else (3, 2, 0, 1))
    elif array.ndim == 2:
        array = array.reshape(*(flattened or (1, 1, len(array))), -1).transpose(3, 2, 0, 1)
        array = array if is_convolution else array.reshape(len(array), -1)
    return np.array(array, "float32", order="C")


def join_groups(arrays: Mapping[str, np.ndarray], number: str, whole: str) -> dict[str, np.ndarray]:
    r"""Joins the kernels and biases that a grouped convolution has for each of its groups.

    Args:
        arrays: Arrays by key, output channels last.
        number: A regular expression of one group: the number of a piece in its key.
        whole: What stands in its place in the key of the whole.

    Returns:
        Arrays by key, the pieces of one layer joined on the last axis in the order of their
        numbers. Pieces that differ in their shapes stay as they are.

    Example:
        >>> pieces = {"conv/group2/bias": np.array([3, 4]), "conv/group1/bias": np.array([1, 2])}
        >>> join_groups(pieces, r"group(\d+)", "all")
        {'conv/all/bias': array([1, 2, 3, 4])}
    """
    found: dict[str, dict[int, str]] = {}
    for key in arrays:
        if match := re.search(number, key):
            name = key[: match.start()] + whole + key[match.end() :]
            found.setdefault(name, {})[int(match[1])] = key
    joined = dict(arrays)
    for name, keys in found.items():
        pieces = [np.asarray(arrays[keys[index]]) for index in sorted(keys)]
        if pieces[0].ndim and len({piece.shape for piece in pieces}) == 1:
            joined[name] = np.concatenate(pieces, axis=-1)
            for key in keys.values():
                del joined[key]
    return joined


def flattened_rows(kernel: np.ndarray, flattened: tuple[int, int, int]) -> np.ndarray:
    """A dense kernel behind a map that was flattened channels first, for one flattened last.

    Args:
        kernel: `(channels * height * width, out)`.
        flattened: Height, width and channels of the map.

    Returns:
        `(height * width * channels, out)`; the kernel itself where it is of another map.

    Example:
        >>> flattened_rows(np.arange(4)[:, None], (1, 2, 2)).ravel()
        array([0, 2, 1, 3])
    """
    if kernel.ndim != 2 or len(kernel) != np.prod(flattened):
        return kernel
    height, width, channels = flattened
    places = kernel.reshape(channels, height, width, -1)
    return places.transpose(1, 2, 0, 3).reshape(kernel.shape)


def grouped_kernel(kernel: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The kernel of a grouped convolution, from that of a depthwise one and a sum in each group.

    Args:
        kernel: `(height, width, groups * in, out)`, where `in` and `out` are the channels of one
            group.
        shape: Of the grouped kernel, `(height, width, in, groups * out)`.

    Returns:
        The grouped kernel; the kernel itself where the shapes are no such two.

    Example:
        >>> grouped_kernel(np.arange(8).reshape(1, 1, 4, 2), (1, 1, 2, 4))[0, 0]
        array([[0, 1, 4, 5],
               [2, 3, 6, 7]])
    """
    is_depthwise = kernel.ndim == len(shape) == 4 and kernel.shape != shape
    if not is_depthwise or kernel.shape[2] % shape[2]:
        return kernel
    *window, channels, out = kernel.shape
    groups = channels // shape[2]
    split = kernel.reshape(*window, groups, shape[2], out).swapaxes(2, 3)
    return split.reshape(*window, shape[2], groups * out)


def adapt_input_kernel(kernel: np.ndarray, channels: int) -> np.ndarray:
    """A first kernel for images of another number of channels.

    One channel: the sum over the channels of the kernel, so that a grey image gives what it gives
    as three equal channels. Any other number n: the channels repeated in their order and scaled
    by 3/n, so that equal channels give what they gave.

    Args:
        kernel: `(height, width, channels, filters)`.
        channels: Of the new images, at least 1.

    Returns:
        `(height, width, channels, filters)`; the kernel itself where it fits.

    Example:
        >>> adapt_input_kernel(np.ones((1, 1, 3, 1)), 4).ravel()
        array([0.75, 0.75, 0.75, 0.75])

    Source: `adapt_input_conv` of timm 1.0.31, timm/models/_manipulate.py.
    """
    given = kernel.shape[2]
    if channels == given:
        return kernel
    if channels == 1:
        return kernel.sum(axis=2, keepdims=True)
    places = np.arange(channels) % given
    return kernel[:, :, places] * (given / channels)
