"""The draw that says which column of a fractal net each sample goes through."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._draws import uniform


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class FractalPath(layers.Layer):
    """Draws, for each sample of a batch, the columns that all joins of a fractal net let through.

    Drop-path has two forms. Global: one column, drawn uniformly, carries the sample through the
    whole net, so every join must know the same draw; this layer makes it, once for the net. Local:
    each `FractalJoin` draws for itself which of its inputs to drop. Here that is a row of ones:
    every column is allowed.

        training:   a row is one-hot with probability `global_rate`, else all ones
        inference:  all ones

    Args:
        columns: Columns of the net (C), at least 1.
        global_rate: Probability that a draw is global rather than local, in [0, 1].
        per: `"sample"` draws for each, so that a batch holds both forms; `"batch"` draws once.
        seed: Of the draws, an integer, by default a random one.

    Call arguments:
        inputs: `(batch, ...)`; only the size of the batch is read.
        training: Whether to draw.

    Returns:
        `(batch, columns)` of zeros and ones, the deepest column last.

    Raises:
        ValueError: `columns` or `global_rate` is out of range, or `per` is something else.

    Example:
        >>> import numpy as np
        >>> FractalPath(3, global_rate=1.0)(np.zeros((2, 8, 8, 3))).numpy().tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]

    Source: Larsson, Maire, Shakhnarovich: FractalNet: Ultra-Deep Neural Networks without Residuals,
    section 3, https://arxiv.org/abs/1605.07648.
    """

    def __init__(
        self,
        columns: int,
        global_rate: float = 0.5,
        per: str = "sample",
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.columns = validate.positive_int("columns", columns)
        self.global_rate = validate.number("global_rate", global_rate, minimum=0, maximum=1)
        self.per = validate.one_of("per", per, ("sample", "batch"))
        self.seed = validate.optional(validate.integer)("seed", seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)

    def call(self, inputs, training=None):
        batch = ops.shape(inputs)[0]
        if not training:
            return ops.ones((batch, self.columns), self.compute_dtype)
        is_global = uniform(self.seed_generator, inputs, self.per) < self.global_rate
        # the largest of equal draws is any of them
        ranks = uniform(self.seed_generator, inputs, self.per, self.columns)
        is_chosen = ranks == ops.max(ranks, axis=-1, keepdims=True)
        paths = ops.cast(ops.logical_or(is_chosen, ops.logical_not(is_global)), self.compute_dtype)
        return ops.broadcast_to(paths, (batch, self.columns))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.columns)

    def get_config(self):
        return {
            **super().get_config(),
            "columns": self.columns,
            "global_rate": self.global_rate,
            "per": self.per,
            "seed": self.seed,
        }
