"""Local response normalisation: what came before batch normalisation."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate

# What TensorFlow's operation takes where cuDNN is under it
_MOST_RADIUS = 7
_LEAST_BIAS = 1e-5
_LEAST_BETA = 0.01


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class LocalResponseNormalization(layers.Layer):
    """Divides each value by the activity of the neighbouring channels at the same place.

    A channel that responds strongly damps those beside it. For a channel c, with n = 2r + 1:

        s[c] = sum of x[d]^2 over the channels d from c - r to c + r that exist
        y[c] = x[c] / (k + alpha * s[c])^beta

    Papers and libraries write two different things as alpha. AlexNet's paper and TensorFlow
    multiply the sum by it, as above; Caffe and torch divide it by the size of the window first and
    multiply the sum by `alpha / n`, also at the first and last channels, where fewer exist. The
    values of AlexNet's paper are the defaults. Caffe's AlexNet and GoogLeNet are
    `bias=1, alpha=1e-4, alpha_over="mean"`.

    On TensorFlow it is `tf.nn.local_response_normalization`, wherever that takes the arguments on
    every device. Half precision is computed in float32, since squares leave the range of float16.

    Args:
        depth_radius: Channels on each side that count (r), at least 0.
        bias: What is added to the weighted sum (k), above 0.
        alpha: The weight of the squares, at least 0.
        beta: The exponent, at least 0.
        alpha_over: What `alpha` multiplies: the `"sum"` of the squares, or their `"mean"`, the sum
            over n.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: An argument is out of its interval.

    Example:
        >>> import numpy as np
        >>> x = np.array([3, 4, 0, 0], "float32").reshape(1, 1, 1, 4)
        >>> layer = LocalResponseNormalization(depth_radius=1, bias=1, alpha=1, beta=0.5)
        >>> layer(x).numpy().round(2).ravel().tolist()
        [0.5899999737739563, 0.7799999713897705, 0.0, 0.0]

    Source: Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural
    Networks, section 3.3.
    """

    def __init__(self, depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75, alpha_over="sum", **kwargs):
        super().__init__(**kwargs)
        self.depth_radius = validate.integer("depth_radius", depth_radius, minimum=0)
        self.bias = validate.positive("bias", bias)
        self.alpha = validate.number("alpha", alpha, minimum=0)
        self.beta = validate.number("beta", beta, minimum=0)
        self.alpha_over = validate.one_of("alpha_over", alpha_over, ("sum", "mean"))

    @property
    def weight_of_sum(self):
        """What the sum of the squares is multiplied by: `alpha`, or `alpha / n`."""
        return self.alpha / (2 * self.depth_radius + 1 if self.alpha_over == "mean" else 1)

    def call(self, inputs):
        if keras.backend.standardize_dtype(inputs.dtype) in ("float16", "bfloat16"):
            return ops.cast(self._normalise(ops.cast(inputs, "float32")), inputs.dtype)
        return self._normalise(inputs)

    def _normalise(self, x):
        if self._is_native(x):
            import tensorflow as tf

            return tf.nn.local_response_normalization(
                x, self.depth_radius, self.bias, self.weight_of_sum, self.beta
            )
        return x * ops.power(self.bias + self.weight_of_sum * self._sums(x), -self.beta)

    def _is_native(self, x):
        return (
            keras.backend.backend() == "tensorflow"
            and keras.backend.standardize_dtype(x.dtype) == "float32"
            and len(x.shape) == 4
            and 0 < self.depth_radius <= _MOST_RADIUS
            and self.bias >= _LEAST_BIAS
            and self.beta >= _LEAST_BETA
        )

    def _sums(self, x):
        """The sum of the squares of 2r + 1 channels, as many shifted copies."""
        r, channels = self.depth_radius, x.shape[-1]
        padding = [(0, 0)] * (len(x.shape) - 1)
        squares = ops.pad(ops.square(x), [*padding, (r, r)])
        return sum(squares[..., shift : shift + channels] for shift in range(2 * r + 1))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "depth_radius": self.depth_radius,
            "bias": self.bias,
            "alpha": self.alpha,
            "beta": self.beta,
            "alpha_over": self.alpha_over,
        }
