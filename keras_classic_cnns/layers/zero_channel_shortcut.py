"""The shortcut without parameters (option A) of residual networks."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class ZeroChannelShortcut(layers.Layer):
    """Identity that subsamples positions and appends channels of zeros (option A).

    Where a residual block halves the map and widens it, its shortcut keeps every second position
    and fills the new channels, at the end, with zeros. It has no parameters.

        y[b, i, j, c] = x[b, s*i, s*j, c]  for c < channels, else 0

    Args:
        filters: Channels of the output, at least those of the input.
        strides: Step `s` between the positions that are kept, in both directions.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, ceil(height / s), ceil(width / s), filters)`.

    Raises:
        ValueError: The input has more than `filters` channels.

    Example:
        >>> ZeroChannelShortcut(32, strides=2).compute_output_shape((1, 8, 8, 16))
        (1, 4, 4, 32)

    Source: He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, section 3.3 (A),
    https://arxiv.org/abs/1512.03385; zeros at the end as in fb.resnet.torch.
    """

    def __init__(self, filters: int, strides: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.filters = validate.positive_int("filters", filters)
        self.strides = validate.positive_int("strides", strides)

    def build(self, input_shape):
        channels = input_shape[-1]
        if channels is None or channels > self.filters:
            raise ValueError(
                f"`filters` must be at least the {channels} channels of the input. "
                f"{validate.received('filters', self.filters)}"
            )

    def call(self, inputs):
        kept = inputs[:, :: self.strides, :: self.strides, :]
        missing = self.filters - inputs.shape[-1]
        return ops.pad(kept, ((0, 0), (0, 0), (0, 0), (0, missing))) if missing else kept

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        sizes = [None if size is None else -(-size // self.strides) for size in sizes]
        return (batch, *sizes, self.filters)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "strides": self.strides}
