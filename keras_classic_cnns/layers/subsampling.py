"""The trainable subsampling of LeNet-5."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class TrainableSubsampling(layers.Layer):
    """Sums each window of a map, times a coefficient, plus a bias, then squashes.

    Neither max nor plain average pooling: every map has a coefficient and a bias of its own, so
    that a unit can blur (small coefficient) or act as a noisy "or" or "and" (large one).

        y = activation(coefficient[c] * sum of the window + bias[c])

    Args:
        pool_size: Height and width of the windows, which do not overlap.
        activation: Any Keras activation.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, height // pool_size, width // pool_size, channels)`.

    Example:
        >>> TrainableSubsampling(2).compute_output_shape((1, 28, 28, 6))
        (1, 14, 14, 6)

    Source: LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document
    Recognition, section II.B (layer S2).
    """

    def __init__(self, pool_size: int = 2, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = validate.positive_int("pool_size", pool_size)
        self.strides = self.pool_size
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        channels = input_shape[-1]
        # a coefficient of 1 / window starts the layer as average pooling
        self.coefficient = self.add_weight(
            shape=(channels,),
            initializer=keras.initializers.Constant(1 / self.pool_size**2),
            name="coefficient",
        )
        self.bias = self.add_weight(shape=(channels,), initializer="zeros", name="bias")

    def call(self, inputs):
        window = self.pool_size**2
        total = window * ops.average_pool(inputs, self.pool_size, self.pool_size)
        return self.activation(total * self.coefficient + self.bias)

    def compute_output_shape(self, input_shape):
        batch, *sizes, channels = input_shape
        sizes = [None if size is None else size // self.pool_size for size in sizes]
        return (batch, *sizes, channels)

    def get_config(self):
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "activation": keras.activations.serialize(self.activation),
        }
