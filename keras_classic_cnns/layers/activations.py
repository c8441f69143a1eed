"""Activation functions that Keras does not have."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
def scaled_tanh(x):
    """Squashes to (-1.7159, 1.7159) so that +-1 map to +-1, where the curvature is greatest.

        y = 1.7159 * tanh(2 / 3 * x)

    Args:
        x: A tensor of any shape.

    Returns:
        A tensor of the same shape.

    Example:
        >>> round(float(scaled_tanh(1.0)), 3)
        1.0

    Source: LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document
    Recognition, section II.B and appendix A.
    """
    return 1.7159 * ops.tanh(2 / 3 * x)
