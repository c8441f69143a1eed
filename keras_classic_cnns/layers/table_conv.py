"""A convolution whose connections from input to output maps are listed in a table."""

import keras
import numpy as np
from keras import layers, ops

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class TableConv2D(layers.Layer):
    """Convolution in which each output map sees only the input maps that a table names.

    Only the connections that exist have weights: the kernel is `(kh, kw, connections)`, and is
    laid out into a dense one, with zeros elsewhere, to compute.

        y[o] = activation(bias[o] + sum over i in table[o] of kernel[o, i] * x[i])

    Args:
        table: For each output map the input maps it sees, as sequences of indices.
        kernel_size: Height and width of the kernel.
        activation: Any Keras activation.
        kernel_initializer: Any Keras initializer. Fans are those of a whole output map.

    Call arguments:
        inputs: `(batch, height, width, channels)`.

    Returns:
        `(batch, height - kh + 1, width - kw + 1, len(table))`, a "valid" convolution.

    Raises:
        ValueError: The table is empty, names a map twice, or names one the input does not have.

    Example:
        >>> layer = TableConv2D([[0, 1], [1, 2], [0, 1, 2]], kernel_size=5)
        >>> layer.build((None, 14, 14, 3))
        >>> layer.count_params()  # 7 connections of 5x5, 3 biases
        178

    Source: LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document
    Recognition, section II.B (layer C3) and Table I.
    """

    def __init__(
        self, table, kernel_size, activation=None, kernel_initializer="glorot_uniform", **kwargs
    ):
        super().__init__(**kwargs)
        self.table = [[validate.integer("table", i, minimum=0) for i in row] for row in table]
        if not self.table or any(not row or len(set(row)) != len(row) for row in self.table):
            raise ValueError(
                "`table` must name, for each output map, at least one input map and none twice. "
                f"{validate.received('table', table)}"
            )
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size, kernel_size)
        self.kernel_size = tuple(validate.positive_int("kernel_size", k) for k in kernel_size)
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    @property
    def connections(self) -> int:
        """The number of pairs of an input and an output map that are connected."""
        return sum(len(row) for row in self.table)

    def build(self, input_shape):
        channels, filters = input_shape[-1], len(self.table)
        if max(max(row) for row in self.table) >= channels:
            raise ValueError(
                f"`table` must name maps below {channels}, the channels of the input. "
                f"{validate.received('table', self.table)}"
            )
        self.kernel = self.add_weight(
            shape=(*self.kernel_size, self.connections), initializer=self._initial, name="kernel"
        )
        self.bias = self.add_weight(shape=(filters,), initializer="zeros", name="bias")
        # where in the kernel the weight from map i to map o stands; one past its end is zero
        self._place = np.full((channels, filters), self.connections, dtype="int32")
        pairs = [(i, o) for o, row in enumerate(self.table) for i in row]
        for number, (i, o) in enumerate(pairs):
            self._place[i, o] = number

    def _initial(self, shape, dtype=None):
        # output maps with equally many inputs are drawn together, so that their fans are right
        # and no two of them start alike
        lengths = [len(row) for row in self.table]
        drawn = {
            length: self.kernel_initializer(
                (*self.kernel_size, length, lengths.count(length)), dtype=dtype
            )
            for length in sorted(set(lengths))
        }
        rank = [lengths[:o].count(length) for o, length in enumerate(lengths)]
        rows = [drawn[length][..., rank[o]] for o, length in enumerate(lengths)]
        return ops.concatenate(rows, axis=-1)

    def call(self, inputs):
        extended = ops.pad(self.kernel, ((0, 0), (0, 0), (0, 1)))
        dense = ops.take(extended, self._place, axis=-1)
        return self.activation(ops.conv(inputs, dense) + self.bias)

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        sizes = [
            None if size is None else size - kernel + 1
            for size, kernel in zip(sizes, self.kernel_size, strict=True)
        ]
        return (batch, *sizes, len(self.table))

    def count_macs(self, output_shape) -> int:
        """Multiply-accumulates for one image: the connections that exist, at each position."""
        _, height, width, _ = output_shape
        return height * width * int(np.prod(self.kernel_size)) * self.connections

    def get_config(self):
        return {
            **super().get_config(),
            "table": self.table,
            "kernel_size": self.kernel_size,
            "activation": keras.activations.serialize(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
