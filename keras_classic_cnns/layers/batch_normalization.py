"""Batch normalisation that trains with TensorFlow's fused operation."""

import keras
from keras import ops

from keras_classic_cnns.layers._tensorflow import is_traced_for_xla


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class BatchNormalization(keras.layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, same arguments, weights and results, trained faster.

    Keras 3 computes mean, variance and the normalised map in separate passes over memory, and
    their gradients likewise. TensorFlow has one operation for all of it, and one for its gradient:

        y = gamma * (x - mean(x)) / sqrt(var(x) + epsilon) + beta

    It is used in training, on TensorFlow, for a `(batch, height, width, channels)` map. Everything
    else is Keras's own computation: inference, other ranks and axes, masks, statistics that are
    synchronized over replicas, renormalisation, float64, and functions that XLA compiles.

    Args:
        **kwargs: The arguments of `keras.layers.BatchNormalization`.

    Call arguments:
        inputs: `(batch, height, width, channels)`, or any shape that Keras's layer takes.
        training: Whether to normalise with the statistics of the batch and to update the moving
            averages, or to normalise with the moving averages.
        mask: `None`, or which places count, with one dimension less than `inputs`.

    Returns:
        A tensor of the shape of `inputs`.

    Example:
        >>> import numpy as np
        >>> layer = BatchNormalization(epsilon=1e-5)
        >>> y = layer(np.arange(32.0, dtype="float32").reshape(2, 4, 4, 1), training=True)
        >>> round(float(ops.mean(y)), 3), round(float(ops.std(y)), 3)
        (0.0, 1.0)

    Source: Ioffe, Szegedy: Batch Normalization: Accelerating Deep Network Training by Reducing
    Internal Covariate Shift, algorithm 1.
    """

    def call(self, inputs, training=None, mask=None):
        if training and self.trainable and mask is None and self._is_fusable(inputs):
            return self._fused(inputs)
        return super().call(inputs, training=training, mask=mask)

    def _is_fusable(self, inputs):
        return (
            keras.backend.backend() == "tensorflow"
            and len(inputs.shape) == 4
            and self.axis in (-1, 3)
            and keras.backend.standardize_dtype(inputs.dtype) != "float64"
            and not self.synchronized
            and not self.renorm
            and not is_traced_for_xla()
        )

    def _fused(self, inputs):
        import tensorflow as tf  # Keras has no fused batch normalisation.

        channels = (inputs.shape[-1],)
        # not tf.compat.v1.nn.fused_batch_norm, which raises an epsilon of 1e-5 to 1.001e-5
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=ops.cast(inputs, "float32"),  # as Keras does: half precision overflows
            scale=tf.ones(channels) if self.gamma is None else ops.cast(self.gamma, "float32"),
            offset=tf.zeros(channels) if self.beta is None else ops.cast(self.beta, "float32"),
            mean=tf.zeros((0,)),
            variance=tf.zeros((0,)),
            epsilon=self.epsilon,
            is_training=True,
        )
        # the operation returns the unbiased variance, Keras averages the biased one
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), "float32")
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance * ((count - 1) / count))
        return ops.cast(outputs, self.compute_dtype)

    def _move(self, average, value):
        average.assign(
            average * self.momentum + ops.cast(value, average.dtype) * (1 - self.momentum)
        )
