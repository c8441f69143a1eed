"""The draw that says which samples pass a residual branch."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._draws import uniform


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class SurvivalGate(layers.Layer):
    """Draws, for each sample of a batch, whether it passes a branch that is dropped at random.

        training:   b is 1 with probability p, else 0
        inference:  b = p, the expected value

    It is drawn before the branch is computed and given to all of it, so that the branch's layers
    (`GatedBatchNormalization`) and its end (`StochasticDepth`) act on the same draw.

    Args:
        survival: Probability `p` that the branch is kept, in [0, 1].
        per: `"batch"` draws once, so that all samples pass or none; `"sample"` draws for each.
        seed: Of the draws, an integer, by default a random one.

    Call arguments:
        inputs: `(batch, ...)`; only the size of the batch is read.
        training: Whether to draw.

    Returns:
        `(batch, 1)`.

    Raises:
        ValueError: `survival` is outside of [0, 1], or `per` is something else.

    Example:
        >>> import numpy as np
        >>> SurvivalGate(0.8)(np.zeros((2, 4, 4, 3))).numpy().round(2).tolist()
        [[0.800000011920929], [0.800000011920929]]

    Source: Huang, Sun, Liu, Sedra, Weinberger: Deep Networks with Stochastic Depth, section 3,
    https://arxiv.org/abs/1603.09382.
    """

    def __init__(
        self, survival: float = 0.5, per: str = "batch", seed: int | None = None, **kwargs
    ):
        super().__init__(**kwargs)
        self.survival = validate.number("survival", survival, minimum=0, maximum=1)
        self.per = validate.one_of("per", per, ("batch", "sample"))
        self.seed = validate.optional(validate.integer)("seed", seed)

    def build(self, input_shape):
        self.seed_generator = keras.random.SeedGenerator(self.seed)

    def call(self, inputs, training=None):
        batch = ops.shape(inputs)[0]
        if not training:
            return ops.full((batch, 1), self.survival, self.compute_dtype)
        draws = uniform(self.seed_generator, inputs, self.per)
        passes = ops.cast(draws < self.survival, self.compute_dtype)
        return ops.broadcast_to(passes, (batch, 1))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 1)

    def get_config(self):
        return {
            **super().get_config(),
            "survival": self.survival,
            "per": self.per,
            "seed": self.seed,
        }
