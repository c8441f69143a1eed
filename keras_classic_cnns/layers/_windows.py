"""Where the windows of a padded pooling begin and end, as Caffe and Torch count them."""

from typing import Any

from keras import ops

from keras_classic_cnns.core import validate


def pair(name: str, value: Any, *, minimum: int) -> tuple[int, int]:
    """Two whole numbers, for height and width, from one or from two."""
    values = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(values) != 2:
        raise ValueError(f"`{name}` must be one or two integers. {validate.received(name, value)}")
    return tuple(validate.integer(name, item, minimum=minimum) for item in values)


def output_size(size: int | None, window: int, stride: int, padding: int, ceil: bool) -> Any:
    """Number of windows along an axis; `None` where its size is not known.

    With `ceil` a last window may reach over the end, unless it would begin behind the map (in the
    padding after it).
    """
    if size is None:
        return None
    span = size + 2 * padding - window
    if span < 0:
        raise ValueError(
            f"The padded map is smaller than the window of {window}. "
            f"{validate.received('size', size)}"
        )
    count = (span + (stride - 1 if ceil else 0)) // stride + 1
    return count - 1 if ceil and (count - 1) * stride >= size + padding else count


def overhang(size: Any, window: int, stride: int, padding: int, ceil: bool) -> Any:
    """Places that the last window needs behind the padding: what `"valid"` pooling must be given.

    Args:
        size: A whole number, or a scalar tensor where the size is known only when it runs.
        window: Size of the window.
        stride: Step between windows.
        padding: Places before and behind the map.
        ceil: Whether a window may reach over the end.
    """
    if not ceil:
        return 0
    if isinstance(size, int):
        count = output_size(size, window, stride, padding, ceil)
        return max(0, (count - 1) * stride + window - size - 2 * padding)
    span = size + 2 * padding - window
    count = (span + stride - 1) // stride + 1
    count = ops.where((count - 1) * stride >= size + padding, count - 1, count)
    return ops.maximum(0, (count - 1) * stride + window - size - 2 * padding)
