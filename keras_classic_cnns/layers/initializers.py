"""Initialisers that Keras does not have."""

import math

import keras

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class FanInUniform(keras.initializers.Initializer):
    """Uniform in +-bound / fan-in, where the fan-in counts the inputs of one unit.

    Keras's own uniform initialisers shrink with the root of the fan-in; this one with the fan-in.

    Args:
        bound: The bound for a unit with one input.
        seed: A number for the same draw in every run, or `None`.

    Call arguments:
        shape: `(..., inputs, outputs)` of a dense or convolution kernel.
        dtype: Of the result, by default Keras's float type.

    Returns:
        A tensor of that shape.

    Example:
        >>> kernel = FanInUniform()((5, 5, 1, 6))
        >>> bool(keras.ops.max(keras.ops.abs(kernel)) <= 2.4 / 25)
        True

    Source: LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document
    Recognition, appendix A.
    """

    def __init__(self, bound: float = 2.4, seed: int | None = None):
        self.bound = validate.number("bound", bound, minimum=0.0)
        self.seed = seed

    def __call__(self, shape, dtype=None):
        limit = self.bound / math.prod(shape[:-1])
        uniform = keras.initializers.RandomUniform(-limit, limit, seed=self.seed)
        return uniform(shape, dtype=dtype)

    def get_config(self):
        return {"bound": self.bound, "seed": self.seed}
