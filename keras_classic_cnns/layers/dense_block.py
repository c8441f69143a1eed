"""The dense block: layers that see the maps of all layers before them."""

from typing import Any

import keras
from keras import initializers, layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._building import channels_of
from keras_classic_cnns.layers.dense_layer import DenseLayer


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class DenseBlock(layers.Layer):
    """Dense connectivity: each layer takes the maps of all before it, and appends k of its own.

        x_l = [x_0, H_1(x_0), ..., H_l(x_{l-1})]

    Nothing is ever replaced, so features are used again instead of being computed again, and
    narrow layers suffice. The price is memory: for the gradient, training keeps every
    concatenation and its activation, which grows with the square of `depth`. `memory_efficient`
    keeps each map once and computes those again (`DenseLayer`), so that it grows linearly.

    Its `DenseLayer`s, named `layer1`, `layer2`, ..., are in `layers`;
    `summary(expand_nested=True)` of a model shows them.

    Args:
        depth: Number of layers.
        growth_rate: Filters that each of them adds (k).
        bottleneck: See `DenseLayer`, like the following ones.
        dropout: Share of values that each convolution loses in training, in [0, 1).
        memory_efficient: Whether to recompute in the backward pass what is cheap to compute.
        kernel_initializer: Of the convolutions.
        seed: Of the dropout; a whole number or `None`. Each layer has another one.

    Call arguments:
        inputs: `(batch, height, width, channels)`.
        training: Whether to drop values, and to normalise by the batch and recompute.

    Returns:
        `(batch, height, width, channels + depth * growth_rate)`.

    Raises:
        ValueError: `depth` or `growth_rate` is less than 1, `dropout` outside of [0, 1), or the
            input no map of known channels.

    Example:
        >>> DenseBlock(6, growth_rate=32).compute_output_shape((1, 56, 56, 64))
        (1, 56, 56, 256)

    Source: Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks,
    section 3, https://arxiv.org/abs/1608.06993; `memory_efficient`: Pleiss et al.:
    Memory-Efficient Implementation of DenseNets, https://arxiv.org/abs/1707.06990.
    """

    def __init__(
        self,
        depth: int,
        growth_rate: int,
        bottleneck: bool = True,
        dropout: float = 0.0,
        memory_efficient: bool = False,
        kernel_initializer: Any = "he_normal",
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.depth = validate.positive_int("depth", depth)
        self.growth_rate = growth_rate
        self.bottleneck = bottleneck
        self.dropout = dropout
        self.memory_efficient = memory_efficient
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.seed = validate.optional(validate.integer)("seed", seed)
        self.kernel_size = (2 * depth + 1,) * 2  # of one convolution that sees as much
        self.layers = [
            DenseLayer(
                growth_rate,
                bottleneck,
                dropout,
                memory_efficient,
                kernel_initializer=self.kernel_initializer,
                seed=None if self.seed is None else self.seed + number,
                dtype=self.dtype_policy,
                name=f"layer{number + 1}",
            )
            for number in range(depth)
        ]

    def build(self, input_shape):
        channels = channels_of(input_shape)
        for number, layer in enumerate(self.layers):
            layer.build((*input_shape[:-1], channels + number * self.growth_rate))

    def call(self, inputs, training=None):
        x, parts = inputs, [inputs]
        for layer in self.layers:
            grown = layer(x, parts=parts if self.memory_efficient else None, training=training)
            parts.append(grown)
            x = ops.concatenate([x, grown], axis=-1)
        return x

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.depth * self.growth_rate)

    def compute_output_spec(self, inputs, training=None):
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype=self.compute_dtype)

    def count_macs(self, output_shape):
        """Multiply-accumulates of all layers."""
        return sum(layer.count_macs(output_shape) for layer in self.layers)

    def get_config(self):
        return {
            **super().get_config(),
            "depth": self.depth,
            "growth_rate": self.growth_rate,
            "bottleneck": self.bottleneck,
            "dropout": self.dropout,
            "memory_efficient": self.memory_efficient,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
        }
