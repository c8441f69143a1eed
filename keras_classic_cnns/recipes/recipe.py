"""The record of how a network is trained."""

import dataclasses
from dataclasses import dataclass

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.recipes.schedules import ScheduledRate, Steps
from keras_classic_cnns.recipes.sgd import SGDWithL2


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: a value, to look at, change with `dataclasses.replace`, and use.

    Args:
        name: What `recipes.get` knows it by.
        source: The paper or code it is taken from.
        differences: Where it departs from its source, a sentence each.
        learning_rate: The base learning rate, above 0.
        batch_size: Examples a step, over all devices.
        epochs: Passes over the training images.
        schedule: The factor on the learning rate over the run.
        momentum: In `[0, 1]`.
        nesterov: Whether the momentum looks ahead.
        weight_decay: Times the weight, added to the gradient before the momentum; at least 0.
        decay_spares: Weights whose path ends in one of these are not decayed.
        augment: Names of `data.augment.NAMES`, applied in this order.
        label_smoothing: The share of the target given to all classes alike, in `[0, 1)`.
        expected_error: The error it leads to, and who says so.

    Raises:
        ValueError: A number is out of range.

    Example:
        >>> recipe = Recipe(
        ...     "mine", "none", learning_rate=0.1, batch_size=128, epochs=10, schedule=Steps()
        ... )
        >>> recipe.scaled(batch_size=32, epochs=3).learning_rate
        0.025
    """

    name: str
    source: str
    differences: tuple[str, ...] = ()
    learning_rate: float = dataclasses.field(kw_only=True)
    batch_size: int = dataclasses.field(kw_only=True)
    epochs: int = dataclasses.field(kw_only=True)
    schedule: Steps = dataclasses.field(kw_only=True)
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.0
    decay_spares: tuple[str, ...] = ()
    augment: tuple[str, ...] = ()
    label_smoothing: float = 0.0
    expected_error: str = "not published"

    def __post_init__(self) -> None:
        validate.positive_int("batch_size", self.batch_size)
        validate.positive_int("epochs", self.epochs)
        validate.number("momentum", self.momentum, minimum=0, maximum=1)
        validate.number("weight_decay", self.weight_decay, minimum=0)
        if validate.number("learning_rate", self.learning_rate) <= 0:
            raise ValueError(
                "`learning_rate` must be above 0. "
                f"{validate.received('learning_rate', self.learning_rate)}"
            )
        validate.rate("label_smoothing", self.label_smoothing)

    def scaled(self, batch_size: int | None = None, epochs: int | None = None) -> "Recipe":
        """The same recipe for another batch size or a shorter run.

        The learning rate goes with the batch size, `rate * batch_size / self.batch_size`: a step
        over k times as many examples is k times as long. The schedule is in fractions of the run
        and moves with the epochs. The weight decay stays.

        Source: P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour"
        (2017), the linear scaling rule.

        Args:
            batch_size: Examples a step; `None` keeps it.
            epochs: Passes over the training images; `None` keeps it.

        Returns:
            A new recipe.
        """
        batch_size = self.batch_size if batch_size is None else batch_size
        validate.positive_int("batch_size", batch_size)
        return dataclasses.replace(
            self,
            learning_rate=self.learning_rate * batch_size / self.batch_size,
            batch_size=batch_size,
            epochs=self.epochs if epochs is None else epochs,
        )

    def rate(self, steps_per_epoch: int) -> ScheduledRate:
        """The learning rate of every step of the run.

        Args:
            steps_per_epoch: Steps in one epoch, at least 1.
        """
        validate.positive_int("steps_per_epoch", steps_per_epoch)
        return ScheduledRate(self.learning_rate, self.schedule, self.epochs * steps_per_epoch)

    def optimizer(self, steps_per_epoch: int) -> keras.optimizers.Optimizer:
        """A new optimizer that follows this recipe for the whole run.

        Args:
            steps_per_epoch: Steps in one epoch, at least 1.
        """
        return SGDWithL2(
            self.rate(steps_per_epoch),
            momentum=float(self.momentum),
            nesterov=self.nesterov,
            l2=self.weight_decay,
            spares=self.decay_spares,
        )
