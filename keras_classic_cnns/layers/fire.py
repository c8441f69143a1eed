"""The module of SqueezeNet."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._building import channels_of, convolution_macs, fresh


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class Fire(layers.Layer):
    """Squeezes a map into few channels, then expands them by 1x1 and 3x3 convolutions.

    A 3x3 convolution costs nine times as much as a 1x1, and as much more as channels come in. So
    few channels are let in, and only some of the filters that read them are 3x3.

        z = relu(conv1x1(x)),  y = [relu(conv1x1(z)), relu(conv3x3(z))]

    All three convolutions have biases.

    Args:
        squeeze: Filters of the first 1x1 convolution (s1x1).
        expand_1x1: Filters of the 1x1 convolution behind it (e1x1).
        expand_3x3: Filters of the 3x3 convolution beside that (e3x3).
        kernel_initializer: Of every convolution.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, height, width, expand_1x1 + expand_3x3)`.

    Raises:
        ValueError: A number of filters is below 1, or the input is no map of known channels.

    Example:
        >>> layer = Fire(16, 64, 64)
        >>> layer.build((None, 54, 54, 96))
        >>> layer.count_params(), layer.compute_output_shape((1, 54, 54, 96))
        (11920, (1, 54, 54, 128))

    Source: Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer: SqueezeNet: AlexNet-level accuracy
    with 50x fewer parameters, section 3.2, https://arxiv.org/abs/1602.07360.
    """

    kernel_size = (3, 3)  # of the widest window, as `analysis.cost` asks for it

    def __init__(self, squeeze, expand_1x1, expand_3x3, kernel_initializer="he_uniform", **kwargs):
        super().__init__(**kwargs)
        self.filters = tuple(
            validate.positive_int(name, value)
            for name, value in (
                ("squeeze", squeeze),
                ("expand_1x1", expand_1x1),
                ("expand_3x3", expand_3x3),
            )
        )
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        channels = channels_of(input_shape)
        squeeze, expand_1x1, expand_3x3 = self.filters
        self.squeeze = self._convolution(channels, squeeze, 1, "squeeze")
        self.expand1x1 = self._convolution(squeeze, expand_1x1, 1, "expand1x1")
        self.expand3x3 = self._convolution(squeeze, expand_3x3, 3, "expand3x3")

    def _convolution(self, channels, filters, kernel_size, name):
        layer = layers.Conv2D(
            filters,
            kernel_size,
            padding="same",
            activation="relu",
            kernel_initializer=fresh(self.kernel_initializer),
            dtype=self.dtype_policy,
            name=name,
        )
        layer.build((None, None, None, channels))
        return layer

    def call(self, inputs):
        x = self.squeeze(inputs)
        return ops.concatenate([self.expand1x1(x), self.expand3x3(x)], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], sum(self.filters[1:]))

    def count_macs(self, output_shape):
        """Multiply-accumulates of the three convolutions."""
        convolutions = (self.squeeze, self.expand1x1, self.expand3x3)
        return convolution_macs(convolutions, output_shape)

    def get_config(self):
        squeeze, expand_1x1, expand_3x3 = self.filters
        return {
            **super().get_config(),
            "squeeze": squeeze,
            "expand_1x1": expand_1x1,
            "expand_3x3": expand_3x3,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
