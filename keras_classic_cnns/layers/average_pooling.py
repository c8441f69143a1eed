"""Average pooling that says whether padding counts, and with windows that reach over the end."""

import keras
from keras import ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._padded_pooling import PaddedPooling2D, pad


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class PaddedAveragePooling2D(PaddedPooling2D):
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
        super().__init__(pool_size, strides, padding, ceil_mode, **kwargs)
        self.count_include_pad = validate.boolean("count_include_pad", count_include_pad)

    def call(self, inputs):
        over = self.overhangs(inputs)
        is_full = all(isinstance(o, int) and not o for o in over)
        is_padded = any(self.padding)
        sums = self._average(pad(inputs, self.padding, over))
        if is_full and (self.count_include_pad or not is_padded):
            return sums
        # which share of each window counts, by the same windows over ones
        height, width = ops.shape(inputs)[1:3]
        ones = ops.ones((1, height, width, 1), dtype=self.compute_dtype)
        if self.count_include_pad:
            ones = pad(pad(ones, self.padding, [0, 0], 1.0), (0, 0), over)
        else:
            ones = pad(ones, self.padding, over)
        return sums / self._average(ones)

    def _average(self, x):
        return ops.average_pool(x, self.pool_size, self.strides, "valid", "channels_last")

    def get_config(self):
        return {**super().get_config(), "count_include_pad": self.count_include_pad}
