"""The end of a residual branch that is dropped at random."""

import keras
from keras import ops

from keras_classic_cnns.layers.survival_gate import SurvivalGate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class StochasticDepth(SurvivalGate):
    """Stochastic depth: lets a residual branch through, or drops it, at random.

    A residual net whose branches are dropped in training is short while it learns and deep when it
    is used. Nothing is divided by the survival probability in training; at inference the branch is
    weakened to its expected value.

        training:   y = b * x, where b is 1 with probability p, else 0
        inference:  y = p * x

    Args:
        survival: Probability `p` that the branch is kept, in [0, 1].
        per: `"batch"` (the paper) draws once, so that all samples pass or none; `"sample"` draws
            for each.
        seed: Of the draws, an integer, by default a random one.

    Call arguments:
        inputs: The branch, `(batch, ...)`.
        gate: The draw of a `SurvivalGate`, `(batch, 1)`, where other layers of the branch must
            know it too, such as `GatedBatchNormalization`; by default the layer draws its own.
        training: Whether to draw.

    Returns:
        A tensor of the shape of `inputs`.

    Raises:
        ValueError: `survival` is outside of [0, 1], or `per` is something else.

    Example:
        >>> import numpy as np
        >>> StochasticDepth(0.5)(np.full((1, 1, 1, 2), 3.0)).numpy().tolist()
        [[[[1.5, 1.5]]]]

    Source: Huang, Sun, Liu, Sedra, Weinberger: Deep Networks with Stochastic Depth, section 3,
    https://arxiv.org/abs/1603.09382.
    """

    def build(self, inputs_shape, gate_shape=None):
        if gate_shape is None:  # else it draws nothing
            super().build(inputs_shape)

    def call(self, inputs, gate=None, training=None):
        if gate is None:
            gate = super().call(inputs, training=training)
        shape = (-1,) + (1,) * (len(inputs.shape) - 1)
        return inputs * ops.reshape(ops.cast(gate, inputs.dtype), shape)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)
