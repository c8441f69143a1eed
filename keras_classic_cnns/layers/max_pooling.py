"""Max pooling with padding of minus infinity, and with windows that reach over the end."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._windows import output_size, overhang, pair


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class PaddedMaxPooling2D(layers.Layer):
    """Max pooling that pads and rounds as Caffe and Torch do.

    What lies outside of the map counts as minus infinity, so it never wins: zeros, as
    `ZeroPadding2D` gives, would win over negative values, which there are wherever no ReLU comes
    before. TensorFlow's `"same"` pads at other places.

        y[b, i, j, c] = max of x[b, s*i - p + u, s*j - p + v, c] over 0 <= u, v < k, inside the map

    Args:
        pool_size: Height and width `k` of the window, one integer or two.
        strides: Step `s` between windows, one integer or two; by default `pool_size`.
        padding: Places `p` on each side, one integer or two; at most half of `pool_size`.
        ceil_mode: Whether the number of windows is rounded up: a last window reaches over the
            end, unless it would begin behind the map. Caffe always does that.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, new_height, new_width, channels)`, where
        `new_height = (height + 2p - k) / s + 1`, rounded down, or up with `ceil_mode`.

    Raises:
        ValueError: `padding` is more than half of `pool_size`, or the map is smaller than a window.

    Example:
        >>> PaddedMaxPooling2D(3, 2, ceil_mode=True).compute_output_shape((1, 112, 112, 64))
        (1, 56, 56, 64)

    Source: Caffe's pooling layer, as GoogLeNet, SqueezeNet and SENet were trained with;
    `torch.nn.MaxPool2d`.
    """

    def __init__(self, pool_size, strides=None, padding=0, ceil_mode=False, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = pair("pool_size", pool_size, minimum=1)
        self.strides = pair("strides", pool_size if strides is None else strides, minimum=1)
        self.padding = pair("padding", padding, minimum=0)
        self.ceil_mode = validate.boolean("ceil_mode", ceil_mode)
        if any(2 * p > k for p, k in zip(self.padding, self.pool_size, strict=True)):
            raise ValueError(
                f"`padding` must be at most half of `pool_size` {self.pool_size}. "
                f"{validate.received('padding', padding)}"
            )

    def call(self, inputs):
        before, after = self._padding(inputs)
        if any(before) or any(not isinstance(a, int) or a for a in after):
            inputs = ops.pad(
                inputs,
                ((0, 0), (before[0], after[0]), (before[1], after[1]), (0, 0)),
                constant_values=float("-inf"),
            )
        return ops.max_pool(inputs, self.pool_size, self.strides, "valid", "channels_last")

    def _padding(self, inputs):
        """Places before and behind the map, in height and in width."""
        sizes = ops.shape(inputs)[1:3]
        settings = zip(sizes, self.pool_size, self.strides, self.padding, strict=True)
        after = [
            p + overhang(size, window, stride, p, self.ceil_mode)
            for size, window, stride, p in settings
        ]
        return self.padding, after

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        settings = zip((height, width), self.pool_size, self.strides, self.padding, strict=True)
        sizes = [output_size(*setting, self.ceil_mode) for setting in settings]
        return (batch, *sizes, channels)

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
