"""The unit that weighs channels by what the whole map holds."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._building import channels_of


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class SqueezeExcite(layers.Layer):
    """Squeeze-and-excitation: scales each channel by a gate computed from all of them.

    The mean of every channel goes through two dense layers, the first one narrow; what comes out,
    between 0 and 1, says how much of each channel is let through.

        z = mean of x over height and width
        y = x * sigmoid(W2 relu(W1 z + b1) + b2)

    Args:
        ratio: How many times narrower the first dense layer is (r), at most the channels.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: The input has fewer than `ratio` channels, or is no map of known channels.

    Example:
        >>> import numpy as np
        >>> layer = SqueezeExcite(4)
        >>> layer(np.ones((1, 7, 7, 32), "float32")).shape, layer.count_params()
        (TensorShape([1, 7, 7, 32]), 552)

    Source: Hu, Shen, Albanie, Sun, Wu: Squeeze-and-Excitation Networks, section 3,
    https://arxiv.org/abs/1709.01507.
    """

    def __init__(self, ratio: int = 16, **kwargs):
        super().__init__(**kwargs)
        self.ratio = validate.positive_int("ratio", ratio)

    def build(self, input_shape):
        channels = channels_of(input_shape)
        if channels < self.ratio:
            raise ValueError(
                f"`ratio` must be at most the {channels} channels of the input. "
                f"{validate.received('ratio', self.ratio)}"
            )
        narrow = channels // self.ratio
        self.squeeze = layers.Dense(
            narrow, "relu", kernel_initializer="he_normal", dtype=self.dtype_policy, name="squeeze"
        )
        self.excite = layers.Dense(channels, "sigmoid", dtype=self.dtype_policy, name="excite")
        self.squeeze.build((None, channels))
        self.excite.build((None, narrow))

    def call(self, inputs):
        means = ops.mean(inputs, axis=(1, 2), keepdims=True)
        return inputs * self.excite(self.squeeze(means))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def count_macs(self, output_shape):
        """Multiply-accumulates of the two dense layers."""
        return 2 * output_shape[-1] * (output_shape[-1] // self.ratio)

    def get_config(self):
        return {**super().get_config(), "ratio": self.ratio}
