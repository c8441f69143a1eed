"""How an optimizer steps, as data: what a recipe says of it beside rate and weight decay."""

from dataclasses import dataclass
from typing import Any

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.recipes.rmsprop import RMSPropWithL2
from keras_classic_cnns.recipes.sgd import SGDWithL2


@dataclass(frozen=True)
class Momentum:
    """Stochastic gradient descent with momentum.

    Source: every classic paper; see `SGDWithL2`.

    Args:
        momentum: In `[0, 1]`.
        nesterov: Whether the momentum looks ahead.

    Raises:
        ValueError: `momentum` is out of range.
    """

    momentum: float = 0.9
    nesterov: bool = False

    def __post_init__(self) -> None:
        validate.number("momentum", self.momentum, minimum=0, maximum=1)
        validate.boolean("nesterov", self.nesterov)

    def optimizer(self, rate: Any, **common: Any) -> keras.optimizers.Optimizer:
        """A new optimizer.

        Args:
            rate: The learning rate, a number or a `LearningRateSchedule`.
            **common: What every optimizer takes.
        """
        return SGDWithL2(rate, float(self.momentum), self.nesterov, **common)


@dataclass(frozen=True)
class RMSProp:
    """Gradients divided by the root of their mean square.

    Source: the papers of Inception-v3 and NASNet; see `RMSPropWithL2`.

    Args:
        rho: How much of the mean of squares stays in a step, in `[0, 1]`.
        momentum: In `[0, 1]`.
        epsilon: Added to the mean of squares, under the root; above 0.

    Raises:
        ValueError: A number is out of range.
    """

    rho: float = 0.9
    momentum: float = 0.9
    epsilon: float = 1.0

    def __post_init__(self) -> None:
        validate.number("rho", self.rho, minimum=0, maximum=1)
        validate.number("momentum", self.momentum, minimum=0, maximum=1)
        validate.positive("epsilon", self.epsilon)

    def optimizer(self, rate: Any, **common: Any) -> keras.optimizers.Optimizer:
        """A new optimizer.

        Args:
            rate: The learning rate, a number or a `LearningRateSchedule`.
            **common: What every optimizer takes.
        """
        numbers = float(self.rho), float(self.momentum), float(self.epsilon)
        return RMSPropWithL2(rate, *numbers, **common)


@dataclass(frozen=True)
class Average:
    """Weights averaged over the last steps, Keras's `use_ema`.

        average = momentum * average + (1 - momentum) * w

    An average of momentum 0.9999 reaches back over some 10,000 steps. In a run of 200 steps it
    would still be at the start, so that a run of another length gets the momentum that reaches
    over the same share of it. In a run of `steps` steps it is the paper's.

    Source: B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging" (1992),
    in the exponential form of TensorFlow's and Keras's code. Unlike TF-Slim's, it does not forget
    faster in the first steps, and takes no part in the statistics of batch normalisation.

    Args:
        momentum: In `[0, 1)`, of the paper's run.
        steps: Steps of the paper's run, at least 1.

    Raises:
        ValueError: A number is out of range.

    Example:
        >>> average = Average(0.9999, steps=80_000)
        >>> [round(average.momentum_of(steps), 4) for steps in (80_000, 800, 1)]
        [0.9999, 0.99, 0.0]
    """

    momentum: float
    steps: int

    def __post_init__(self) -> None:
        validate.rate("momentum", self.momentum)
        validate.positive_int("steps", self.steps)

    def momentum_of(self, total_steps: int) -> float:
        """The momentum for a run.

        Args:
            total_steps: Steps of the run, at least 1.
        """
        return max(0.0, 1 - (1 - self.momentum) * self.steps / total_steps)
