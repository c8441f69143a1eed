"""Stochastic gradient descent with the weight decay of the papers."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_classic_cnns.recipes.decay import PaperDecay
from keras_classic_cnns.recipes.schedules import PACKAGE


@keras.saving.register_keras_serializable(package=PACKAGE)
class SGDWithL2(PaperDecay, keras.optimizers.SGD):
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
        **kwargs: `average_from`, of `decay.PaperDecay`, and the other arguments of
            `keras.optimizers.SGD`; `weight_decay`, which is decoupled, only where `l2` is 0.

    Raises:
        ValueError: `l2` is negative, or `weight_decay` is given beside it.

    Example:
        >>> weight = keras.Variable([1.0])
        >>> optimizer = SGDWithL2(learning_rate=0.1, l2=0.5)
        >>> optimizer.apply([keras.ops.convert_to_tensor([2.0])], [weight])
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
        super().__init__(
            learning_rate, momentum, nesterov, l2=l2, spares=spares, name=name, **kwargs
        )
