"""The output layer of LeNet-5: distances to fixed codes."""

import keras
import numpy as np
from keras import layers, ops

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class RadialBasis(layers.Layer):
    """Scores each class by the squared distance between the input and the class's fixed code.

    The paper's unit outputs the distance itself, which is small for the right class. Here its
    negative goes through `activation`, so that larger means more likely, as everywhere in Keras.

        y[k] = activation(-sum over j of (x[j] - codes[k][j])^2)

    Args:
        codes: `classes` rows of as many numbers as the input has features. They are not trained.
        activation: Any Keras activation: `"softmax"` gives the posterior of the paper's Gaussian
            interpretation; `None` gives the negative distances.

    Call arguments:
        inputs: `(batch, features)`.

    Returns:
        `(batch, classes)`.

    Example:
        >>> layer = RadialBasis([[1.0, 1.0], [-1.0, -1.0]])
        >>> ops.convert_to_numpy(layer(np.ones((1, 2)))).tolist()
        [[-0.0, -8.0]]

    Source: LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document
    Recognition, section II.B, equation 7.
    """

    def __init__(self, codes, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.codes = np.asarray(codes, dtype="float32")
        if self.codes.ndim != 2 or not self.codes.size:
            raise ValueError(
                "`codes` must be one row of numbers for each class. "
                f"{validate.received('codes.shape', self.codes.shape)}"
            )
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        if input_shape[-1] != self.codes.shape[1]:
            raise ValueError(
                f"The input must have {self.codes.shape[1]} features, as the codes have. "
                f"{validate.received('input_shape', tuple(input_shape))}"
            )

    def call(self, inputs):
        difference = ops.expand_dims(inputs, 1) - ops.cast(self.codes, inputs.dtype)
        return self.activation(-ops.sum(ops.square(difference), axis=-1))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.codes.shape[0])

    def get_config(self):
        return {
            **super().get_config(),
            "codes": self.codes.tolist(),
            "activation": keras.activations.serialize(self.activation),
        }
