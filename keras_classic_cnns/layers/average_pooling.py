"""Average pooling that says whether padding counts, and with windows that reach over the end."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._windows import output_size, overhang, pair


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class PaddedAveragePooling2D(layers.Layer):
    """Average pooling that pads and rounds as Caffe and Torch do.

        y[b, i, j, c] = sum of x over the window at (s*i - p, s*j - p) / n[i, j]

    where `n` is the number of places of the window inside the map, or inside the padded map if
    padding counts. TensorFlow's `"same"` never counts padding, Caffe always does.

    Args:
        pool_size: Height and width of the window, one integer or two.
        strides: Step `s` between windows, one integer or two; by default `pool_size`.
        padding: Places `p` on each side, one integer or two; at most half of `pool_size`.
        ceil_mode: Whether the number of windows is rounded up: a last window reaches over the
            end, unless it would begin behind the map. What it covers there never counts.
        count_include_pad: Whether padding counts, as zeros.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, new_height, new_width, channels)`, where
        `new_height = (height + 2p - k) / s + 1`, rounded down, or up with `ceil_mode`.

    Raises:
        ValueError: `padding` is more than half of `pool_size`, or the map is smaller than a window.

    Example:
        >>> import numpy as np
        >>> x = np.ones((1, 2, 2, 1), "float32")
        >>> PaddedAveragePooling2D(3, 1, padding=1)(x)[0, :, :, 0].numpy().round(2).tolist()
        [[0.4399999976158142, 0.4399999976158142], [0.4399999976158142, 0.4399999976158142]]

    Source: Caffe's pooling layer (padding counts); `torch.nn.AvgPool2d`.
    """

    def __init__(
        self,
        pool_size,
        strides=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.pool_size = pair("pool_size", pool_size, minimum=1)
        self.strides = pair("strides", pool_size if strides is None else strides, minimum=1)
        self.padding = pair("padding", padding, minimum=0)
        self.ceil_mode = validate.boolean("ceil_mode", ceil_mode)
        self.count_include_pad = validate.boolean("count_include_pad", count_include_pad)
        if any(2 * p > k for p, k in zip(self.padding, self.pool_size, strict=True)):
            raise ValueError(
                f"`padding` must be at most half of `pool_size` {self.pool_size}. "
                f"{validate.received('padding', padding)}"
            )

    def call(self, inputs):
        height, width = ops.shape(inputs)[1:3]
        settings = zip((height, width), self.pool_size, self.strides, self.padding, strict=True)
        over = [
            overhang(size, window, stride, p, self.ceil_mode)
            for size, window, stride, p in settings
        ]
        is_full = all(isinstance(o, int) and not o for o in over)
        is_padded = any(self.padding)
        sums = self._average(self._pad(inputs, self.padding, over))
        if is_full and (self.count_include_pad or not is_padded):
            return sums
        ones = ops.ones((1, height, width, 1), dtype=self.compute_dtype)
        if is_padded and self.count_include_pad:
            p, q = self.padding
            ones = ops.pad(ones, ((0, 0), (p, p), (q, q), (0, 0)), constant_values=1.0)
            shares = self._average(self._pad(ones, (0, 0), over))
        else:
            shares = self._average(self._pad(ones, self.padding, over))
        return sums / shares

    def _pad(self, x, padding, over):
        (p, q), (o, r) = padding, over
        if all(isinstance(places, int) and not places for places in (p, q, o, r)):
            return x
        return ops.pad(x, ((0, 0), (p, p + o), (q, q + r), (0, 0)))

    def _average(self, x):
        return ops.average_pool(x, self.pool_size, self.strides, "valid", "channels_last")

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
            "count_include_pad": self.count_include_pad,
        }
