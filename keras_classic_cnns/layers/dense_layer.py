"""The composite function of DenseNet."""

from typing import Any

import keras
from keras import initializers, layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._building import channels_of, convolution_macs, fresh
from keras_classic_cnns.layers._recompute import recomputed
from keras_classic_cnns.layers.batch_normalization import BatchNormalization

WIDTH = 4  # filters of the 1x1 convolution, in units of the growth rate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class DenseLayer(layers.Layer):
    """The composite function H of DenseNet: what a layer adds to the maps of all those before.

    Normalisation and activation come before each convolution. With a bottleneck (DenseNet-B),

        H(x) = conv3x3(relu(bn2(conv1x1(relu(bn1(x))))))    of k and of 4k filters

    and without one `H(x) = conv3x3(relu(bn1(x)))`. Dropout follows each convolution.

    Training keeps, for the gradient, `x` and each activation. With `memory_efficient` it keeps only
    what convolutions put out, and joins, normalises and rectifies once more on the way back; no
    convolution is computed twice, and the moving statistics are updated once a step. Both forms
    have the same weights, and give the same outputs and gradients.

    Args:
        growth_rate: Filters of the output (k).
        bottleneck: Whether a 1x1 convolution comes first.
        dropout: Share of values that each convolution loses in training, in [0, 1).
        memory_efficient: Whether to recompute in the backward pass what is cheap to compute.
        momentum: What the moving averages keep of themselves in each step.
        epsilon: Added to the variance.
        kernel_initializer: Of the convolutions.
        seed: Of the dropout; a whole number or `None`.

    Call arguments:
        inputs: `(batch, height, width, channels)`.
        parts: The maps that `inputs` is the concatenation of, by default `[inputs]`: what is kept
            of it with `memory_efficient`.
        training: Whether to drop values, and to normalise by the batch and recompute.

    Returns:
        `(batch, height, width, growth_rate)`.

    Raises:
        ValueError: `growth_rate` is less than 1, `dropout` outside of [0, 1), or the input no map
            of known channels.

    Example:
        >>> import numpy as np
        >>> layer = DenseLayer(growth_rate=12)
        >>> layer(np.ones((1, 8, 8, 24), "float32")).shape, layer.count_params()
        (TensorShape([1, 8, 8, 12]), 6624)

    Source: Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks,
    section 3, https://arxiv.org/abs/1608.06993; `memory_efficient`: Pleiss et al.:
    Memory-Efficient Implementation of DenseNets, https://arxiv.org/abs/1707.06990.
    """

    def __init__(
        self,
        growth_rate: int,
        bottleneck: bool = True,
        dropout: float = 0.0,
        memory_efficient: bool = False,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        kernel_initializer: Any = "he_normal",
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.growth_rate = validate.positive_int("growth_rate", growth_rate)
        self.bottleneck = validate.boolean("bottleneck", bottleneck)
        self.dropout = validate.rate("dropout", dropout)
        self.memory_efficient = validate.boolean("memory_efficient", memory_efficient)
        self.momentum = momentum
        self.epsilon = epsilon
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.seed = validate.optional(validate.integer)("seed", seed)
        if self.dropout:
            self.seed_generator = keras.random.SeedGenerator(self.seed)

    def build(self, input_shape):
        channels_of(input_shape)
        self.bn1 = self._norm(input_shape, "bn1")
        if self.bottleneck:
            self.conv1 = self._conv(WIDTH * self.growth_rate, 1, input_shape, "conv1")
            input_shape = (*input_shape[:-1], WIDTH * self.growth_rate)
            self.bn2 = self._norm(input_shape, "bn2")
            self.conv2 = self._conv(self.growth_rate, 3, input_shape, "conv2")
        else:
            self.conv1 = self._conv(self.growth_rate, 3, input_shape, "conv1")

    def _norm(self, input_shape, name):
        layer = BatchNormalization(
            momentum=self.momentum, epsilon=self.epsilon, dtype=self.dtype_policy, name=name
        )
        layer.build(input_shape)
        return layer

    def _conv(self, filters, kernel_size, input_shape, name):
        layer = layers.Conv2D(
            filters,
            kernel_size,
            padding="same",
            use_bias=False,
            kernel_initializer=fresh(self.kernel_initializer),
            dtype=self.dtype_policy,
            name=name,
        )
        layer.build(input_shape)
        return layer

    def call(self, inputs, parts=None, training=None):
        pairs = [(self.bn1, self.conv1)]
        if self.bottleneck:
            pairs.append((self.bn2, self.conv2))
        x, parts = inputs, parts or [inputs]
        for norm, conv in pairs:
            if self.memory_efficient and training:
                x = _norm_relu_conv(norm, conv, x, parts)
            else:
                x = conv(ops.relu(norm(x, training=training)))
            if self.dropout and training:
                x = keras.random.dropout(x, self.dropout, seed=self.seed_generator)
            parts = [x]
        return x

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.growth_rate)

    def compute_output_spec(self, inputs, parts=None, training=None):
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype=self.compute_dtype)

    def count_macs(self, output_shape):
        """Multiply-accumulates of the convolutions."""
        convolutions = [self.conv1, self.conv2] if self.bottleneck else [self.conv1]
        return convolution_macs(convolutions, output_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "growth_rate": self.growth_rate,
            "bottleneck": self.bottleneck,
            "dropout": self.dropout,
            "memory_efficient": self.memory_efficient,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
        }


def _norm_relu_conv(norm, conv, x, parts):
    """conv(relu(norm(x))) in training, of which the gradient keeps only `parts` and the output."""
    variables = [*norm.variables, *conv.variables]
    moving = [norm.moving_mean, norm.moving_variance]

    def function(x, *values):
        with keras.StatelessScope(list(zip(variables, values, strict=True))) as scope:
            y = conv(ops.relu(norm(x, training=True)))
        return (y, *map(scope.get_current_value, moving))

    output, *moved = recomputed(function, x, parts, [variable.value for variable in variables])
    if norm.trainable:  # here, outside of what is computed twice
        for variable, value in zip(moving, moved, strict=True):
            variable.assign(value)
    return output
