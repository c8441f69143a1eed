"""Batch normalisation inside a branch that is dropped at random."""

import keras
from keras import ops

from keras_classic_cnns.layers.batch_normalization import BatchNormalization


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class GatedBatchNormalization(BatchNormalization):
    """Batch normalisation whose moving averages rest while its branch is dropped.

    A residual branch that stochastic depth drops is not there for that batch, so it must learn no
    statistics from it either. Where the gate is open for no sample of a batch, the moving averages
    keep their values; else it is `BatchNormalization`, with the statistics of the whole batch.

        mean = momentum * mean + (1 - momentum) * mean(x)  if any(gate > 0), else mean

    The averages are moved and then put back, rather than moved under a condition, since TensorFlow
    lets no replica of a strategy update a variable inside of one.

    Args:
        **kwargs: The arguments of `keras.layers.BatchNormalization`.

    Call arguments:
        inputs: `(batch, height, width, channels)`, or any shape that Keras's layer takes.
        gate: The draw of a `SurvivalGate`, `(batch, 1)`, by default open.
        training: As of `BatchNormalization`.
        mask: As of `BatchNormalization`.

    Returns:
        A tensor of the shape of `inputs`.

    Example:
        >>> import numpy as np
        >>> layer = GatedBatchNormalization(momentum=0.5)
        >>> x = np.full((2, 1, 1, 1), 4.0, "float32")
        >>> for gate in (np.zeros((2, 1)), np.ones((2, 1))):
        ...     y = layer(x, gate=gate, training=True)
        ...     print(layer.moving_mean.numpy())
        [0.]
        [2.]

    Source: Huang, Sun, Liu, Sedra, Weinberger: Deep Networks with Stochastic Depth, section 3,
    https://arxiv.org/abs/1603.09382.
    """

    def call(self, inputs, gate=None, training=None, mask=None):
        if gate is None or not training:
            return super().call(inputs, training=training, mask=mask)
        averages = [self.moving_mean, self.moving_variance]
        before = [ops.copy(average.value) for average in averages]
        outputs = super().call(inputs, training=training, mask=mask)
        is_open = ops.any(gate > 0)
        for average, old in zip(averages, before, strict=True):
            average.assign(ops.where(is_open, average.value, old))
        return outputs
