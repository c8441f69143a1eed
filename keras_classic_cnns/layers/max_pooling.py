"""Max pooling with padding of minus infinity, and with windows that reach over the end."""

import keras
from keras import ops

from keras_classic_cnns.layers._padded_pooling import PaddedPooling2D, pad


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class PaddedMaxPooling2D(PaddedPooling2D):
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

    def call(self, inputs):
        padded = pad(inputs, self.padding, self.overhangs(inputs), float("-inf"))
        return ops.max_pool(padded, self.pool_size, self.strides, "valid", "channels_last")
