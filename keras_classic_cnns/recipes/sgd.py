"""Stochastic gradient descent with the weight decay of the papers."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.recipes.schedules import PACKAGE


@keras.saving.register_keras_serializable(package=PACKAGE)
class SGDWithL2(keras.optimizers.SGD):
    """SGD whose weight decay is part of the gradient, as in Caffe, Torch and the classic papers.

        g = gradient + l2 * w
        v = momentum * v - learning_rate * g
        w = w + v                                          (nesterov: w + momentum * v - rate * g)

    The `weight_decay` of Keras's own SGD takes `learning_rate * weight_decay * w` off the weights
    outside of the momentum, which is about a tenth of this at momentum 0.9. As in Caffe and
    Keras, and unlike Torch, the velocity holds the learning rate it was built up with.

    Source: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep
    convolutional neural networks" (2012), section 5.

    Args:
        learning_rate: A number or a `LearningRateSchedule`.
        momentum: In `[0, 1]`.
        nesterov: Whether to look ahead.
        l2: The weight decay, at least 0.
        spares: Weights whose path ends in one of these are not decayed: `("bias", "gamma",
            "beta")` spares biases and batch normalisation.
        name: What the optimizer is called.
        **kwargs: The other arguments of `keras.optimizers.SGD`; not `weight_decay`.

    Raises:
        ValueError: `l2` is negative, or `weight_decay` is given.

    Example:
        >>> weight = keras.Variable([1.0])
        >>> optimizer = SGDWithL2(learning_rate=0.1, l2=0.5)
        >>> optimizer.apply([ops.convert_to_tensor([2.0])], [weight])
        >>> round(float(weight[0]), 4)  # 1 - 0.1 * (2 + 0.5 * 1)
        0.75
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        l2: float = 0.0,
        spares: Sequence[str] = (),
        name: str = "sgd_with_l2",
        **kwargs: Any,
    ):
        if kwargs.get("weight_decay") is not None:
            raise ValueError(
                "Give `l2` instead: two kinds of weight decay at once are a mistake. "
                f"{validate.received('weight_decay', kwargs['weight_decay'])}"
            )
        super().__init__(learning_rate, momentum, nesterov, name=name, **kwargs)
        self.l2 = validate.number("l2", l2, minimum=0)
        self.spares = tuple(spares)

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        # a path ends in "conv1/kernel"; the last part is what `spares` names
        self._decayed = [not variable.path.endswith(self.spares) for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        if self.l2 and self._decayed[self._get_variable_index(variable)]:
            gradient = ops.cast(gradient, variable.dtype)
            gradient = gradient + ops.cast(self.l2, variable.dtype) * variable
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict:
        return {**super().get_config(), "l2": self.l2, "spares": list(self.spares)}
