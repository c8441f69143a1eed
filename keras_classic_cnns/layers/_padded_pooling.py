"""What the two padded poolings share: windows that are placed as Caffe and Torch place them."""

from typing import Any

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate


class PaddedPooling2D(layers.Layer):
    """Pooling that pads and rounds as Caffe and Torch do; a subclass says what it computes."""

    def __init__(self, pool_size, strides=None, padding=0, ceil_mode=False, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = _pair("pool_size", pool_size, minimum=1)
        self.strides = _pair("strides", pool_size if strides is None else strides, minimum=1)
        self.padding = _pair("padding", padding, minimum=0)
        self.ceil_mode = validate.boolean("ceil_mode", ceil_mode)
        if any(2 * p > k for p, k in zip(self.padding, self.pool_size, strict=True)):
            raise ValueError(
                f"`padding` must be at most half of `pool_size` {self.pool_size}. "
                f"{validate.received('padding', padding)}"
            )

    def overhangs(self, inputs: Any) -> list[Any]:
        """Places that the last window needs behind the padding, in height and in width."""
        axes = zip(ops.shape(inputs)[1:3], self.pool_size, self.strides, self.padding, strict=True)
        return [_overhang(*axis, self.ceil_mode) for axis in axes]

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        axes = zip((height, width), self.pool_size, self.strides, self.padding, strict=True)
        return (batch, *(_output_size(*axis, self.ceil_mode) for axis in axes), channels)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype=self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "ceil_mode": self.ceil_mode,
        }


def pad(x: Any, padding: tuple[int, int], over: list[Any], value: float = 0.0) -> Any:
    """Pads a map on each side, and behind it by what the last windows reach over its end.

    Args:
        x: `(batch, height, width, channels)`.
        padding: Places on each side, in height and in width.
        over: Further places behind it, whole numbers or scalar tensors.
        value: What the places hold.
    """
    (p, q), (o, r) = padding, over
    if all(isinstance(places, int) and not places for places in (p, q, o, r)):
        return x
    return ops.pad(x, ((0, 0), (p, p + o), (q, q + r), (0, 0)), constant_values=value)


def _pair(name: str, value: Any, *, minimum: int) -> tuple[int, int]:
    """Two whole numbers, for height and width, from one or from two."""
    values = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(values) != 2:
        raise ValueError(f"`{name}` must be one or two integers. {validate.received(name, value)}")
    return tuple(validate.integer(name, item, minimum=minimum) for item in values)


def _output_size(size: int | None, window: int, stride: int, padding: int, ceil: bool) -> Any:
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


def _overhang(size: Any, window: int, stride: int, padding: int, ceil: bool) -> Any:
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
        count = _output_size(size, window, stride, padding, ceil)
        return max(0, (count - 1) * stride + window - size - 2 * padding)
    span = size + 2 * padding - window
    count = (span + stride - 1) // stride + 1
    count = ops.where((count - 1) * stride >= size + padding, count - 1, count)
    return ops.maximum(0, (count - 1) * stride + window - size - 2 * padding)
