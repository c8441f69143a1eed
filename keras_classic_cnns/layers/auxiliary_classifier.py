"""The output of a head that serves training only."""

import keras
from keras import layers

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class AuxiliaryClassifier(layers.Dense):
    """A dense classifier in the middle of a net, which knows how much its loss counts.

    A net that is trained with a second classifier half-way gets gradients into its early layers.
    The weight of that classifier's loss belongs to the architecture, so it is kept in the layer,
    and is still there when the model has been saved, reloaded or renamed.

        y = activation(W x + b)

    Args:
        units: Number of classes.
        activation: Any Keras activation, or `None` for logits.
        loss_weight: What its loss is multiplied by, relative to the main classifier's 1; at
            least 0.
        **kwargs: Other arguments of `keras.layers.Dense`.

    Call arguments:
        inputs: `(batch, features)`.

    Returns:
        `(batch, units)`.

    Example:
        >>> AuxiliaryClassifier(10, "softmax", loss_weight=0.3).get_config()["loss_weight"]
        0.3

    Source: Szegedy et al.: Going Deeper with Convolutions, section 5,
    https://arxiv.org/abs/1409.4842.
    """

    def __init__(self, units, activation=None, loss_weight=1.0, **kwargs):
        super().__init__(units, activation, **kwargs)
        self.loss_weight = validate.number("loss_weight", loss_weight, minimum=0)

    def get_config(self):
        return {**super().get_config(), "loss_weight": self.loss_weight}
