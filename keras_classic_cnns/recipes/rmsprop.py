"""RMSProp with the weight decay of the papers."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_classic_cnns.recipes.decay import PaperDecay
from keras_classic_cnns.recipes.schedules import PACKAGE


@keras.saving.register_keras_serializable(package=PACKAGE)
class RMSPropWithL2(PaperDecay, keras.optimizers.RMSprop):
    """RMSProp whose weight decay is part of the gradient, as TF-Slim trains Inception and NASNet.

        g = gradient + l2 * w
        s = rho * s + (1 - rho) * g ** 2
        m = momentum * m + learning_rate * g / sqrt(s + epsilon)
        w = w - m

    Epsilon stands under the root, as in TensorFlow. The papers' epsilon of 1 is no guard against a
    division by zero: small gradients are then hardly scaled at all, and only large ones shrink.
    The squares `s` start at 0, Keras's choice; TensorFlow 1 starts them at 1.

    Source: C. Szegedy et al., "Rethinking the Inception architecture" (2015), section 8, and the
    authors' code (tensorflow/models, inception_distributed_train.py).

    Args:
        learning_rate: A number or a `LearningRateSchedule`.
        rho: How much of the mean of squares stays in a step, in `[0, 1]`.
        momentum: In `[0, 1]`.
        epsilon: Added to the mean of squares.
        l2: The weight decay, at least 0.
        spares: Weights whose path ends in one of these are not decayed.
        name: What the optimizer is called.
        **kwargs: `average_from`, of `decay.PaperDecay`, and the other arguments of
            `keras.optimizers.RMSprop`; `weight_decay`, which is decoupled, only where `l2` is 0.

    Raises:
        ValueError: `l2` is negative, or `weight_decay` is given beside it.

    Example:
        >>> weight = keras.Variable([1.0])
        >>> optimizer = RMSPropWithL2(learning_rate=0.1, rho=0.9, epsilon=0.6, l2=0.5)
        >>> optimizer.apply([keras.ops.convert_to_tensor([1.5])], [weight])
        >>> round(float(weight[0]), 4)  # 1 - 0.1 * 2 / sqrt(0.1 * 2 ** 2 + 0.6)
        0.8
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        l2: float = 0.0,
        spares: Sequence[str] = (),
        name: str = "rmsprop_with_l2",
        **kwargs: Any,
    ):
        super().__init__(
            learning_rate, rho, momentum, epsilon, l2=l2, spares=spares, name=name, **kwargs
        )
