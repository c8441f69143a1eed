"""The input of a net: its shape from the arguments or the defaults, checked."""

from typing import Any

import keras

from keras_classic_cnns.core import validate


def input_shape_of(
    shape: Any, tensor: Any, *, default: tuple, minimum_size: int, needs_size: bool
) -> tuple[int | None, int | None, int]:
    """The shape of the input of a net.

    Args:
        shape: The argument `input_shape`.
        tensor: The argument `input_tensor`.
        default: The shape where neither is given.
        minimum_size: Least height and width, in pixels.
        needs_size: Whether height and width must be known, for a classifier that flattens.

    Returns:
        `(height, width, channels)`.

    Raises:
        TypeError: A size is not a whole number.
        ValueError: The shape is malformed, too small, or contradicts the tensor.
    """
    if tensor is not None:
        shape = _shape_of(tensor, shape)
    elif shape is None:
        shape = default
    if not isinstance(shape, tuple | list) or len(shape) != 3:
        raise ValueError(
            "`input_shape` must be a tuple of three integers (height, width, channels). "
            f"{validate.received('input_shape', shape)}"
        )
    *size, channels = (
        dim if dim is None else validate.positive_int("input_shape", dim) for dim in shape
    )
    if channels is None:
        raise ValueError(
            f"`input_shape` must give the channels. {validate.received('input_shape', shape)}"
        )
    if any(dim is not None and dim < minimum_size for dim in size):
        raise ValueError(
            f"Input size must be at least {minimum_size}x{minimum_size}. "
            f"{validate.received('input_shape', tuple(shape))}"
        )
    if needs_size and None in size:
        raise ValueError(
            "If `include_top` is True, `input_shape` must give height and width, since the "
            f"classifier of this family flattens. {validate.received('input_shape', tuple(shape))}"
        )
    return (*size, channels)


def _shape_of(tensor: Any, shape: Any) -> tuple:
    """The shape of `input_tensor`, which `input_shape` must not contradict."""
    if not isinstance(tensor, keras.KerasTensor):
        raise ValueError(
            "`input_tensor` must be a KerasTensor, such as keras.Input gives. "
            f"{validate.received('input_tensor', type(tensor).__name__)}"
        )
    if tensor.ndim != 4:
        raise ValueError(
            "`input_tensor` must be of shape (batch, height, width, channels). "
            f"{validate.received('input_tensor.shape', tensor.shape)}"
        )
    actual = tuple(tensor.shape[1:])
    if shape is not None and (
        not isinstance(shape, tuple | list)
        or len(shape) != 3
        or any(None not in pair and pair[0] != pair[1] for pair in zip(actual, shape, strict=True))
    ):
        raise ValueError(
            f"`input_shape` contradicts the shape {actual} of `input_tensor`; leave it out. "
            f"{validate.received('input_shape', shape)}"
        )
    return actual


def sources_of(image: Any) -> Any:
    """The input or inputs that a tensor comes from, as `keras.Model` takes them.

    Args:
        image: A `keras.KerasTensor`.
    """
    sources = keras.utils.get_source_inputs(image)
    return sources[0] if len(sources) == 1 else sources
