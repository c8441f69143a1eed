"""The record of how a network is trained."""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.recipes.rules import Average, Momentum, RMSProp
from keras_classic_cnns.recipes.schedules import Schedule, ScheduledRate


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
        rule: How the optimizer steps, `Momentum` or `RMSProp`.
        weight_decay: At least 0. Times the weight it is added to the gradient, before momentum and
            scaling, unless it is decoupled.
        decoupled: Whether the decay, times the learning rate and the weight, is taken off the
            weight beside the step instead.
        decay_spares: Weights whose path ends in one of these are not decayed.
        clip: The greatest norm of all gradients together, weight decay left out; longer ones are
            shortened to it. `None` clips nothing.
        average: The average of the weights that takes their place when the run is over, or `None`.
            Until then it stands in the optimizer, and the weights themselves are evaluated and
            saved.
        options: Options of constructors that the paper trains with, where they differ from our
            defaults; one that an architecture does not have is passed over.
        step_options: Options that take the number of steps of the run.
        augment: Names of `data.augment.NAMES`, applied in this order.
        label_smoothing: The share of the target given to all classes alike, in `[0, 1)`.
        expected_error: The error it leads to, and who says so.

    Raises:
        ValueError: A number is out of range.

    Example:
        >>> from keras_classic_cnns.recipes import Steps
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
    schedule: Schedule = dataclasses.field(kw_only=True)
    rule: Momentum | RMSProp = Momentum()
    weight_decay: float = 0.0
    decoupled: bool = False
    decay_spares: tuple[str, ...] = ()
    clip: float | None = None
    average: Average | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)
    step_options: tuple[str, ...] = ()
    augment: tuple[str, ...] = ()
    label_smoothing: float = 0.0
    expected_error: str = "not published"

    def __post_init__(self) -> None:
        validate.positive_int("batch_size", self.batch_size)
        validate.positive_int("epochs", self.epochs)
        validate.number("weight_decay", self.weight_decay, minimum=0)
        validate.boolean("decoupled", self.decoupled)
        _above_zero("learning_rate", self.learning_rate)
        if self.clip is not None:
            _above_zero("clip", self.clip)
        validate.rate("label_smoothing", self.label_smoothing)

    def scaled(self, batch_size: int | None = None, epochs: int | None = None) -> "Recipe":
        """The same recipe for another batch size or a shorter run.

        The learning rate goes with the batch size, `rate * batch_size / self.batch_size`: a step
        over k times as many examples is k times as long. Schedule and average are in fractions of
        the run and move with the epochs. The weight decay stays. For RMSProp the rule is
        borrowed: with the papers' epsilon of 1 small gradients stay nearly what they are, as in
        SGD, for which the rule was found.

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
        total_steps = self.epochs * steps_per_epoch
        return self.rule.optimizer(
            self.rate(steps_per_epoch),
            l2=0.0 if self.decoupled else self.weight_decay,
            weight_decay=self.weight_decay if self.decoupled else None,
            spares=self.decay_spares,
            global_clipnorm=self.clip,
            **self._averaging(total_steps),
        )

    def _averaging(self, total_steps: int) -> dict[str, Any]:
        if self.average is None:
            return {}
        momentum = self.average.momentum_of(total_steps)
        return {"use_ema": True, "ema_momentum": momentum, "average_from": total_steps}

    def options_for(self, known: Collection[str]) -> dict[str, Any]:
        """The options that an architecture is trained with.

        Args:
            known: The names of the options it has, `spec.options`.

        Example:
            >>> from keras_classic_cnns import get_spec, recipes
            >>> recipes.get("googlenet").options_for(get_spec("googlenet").options)
            {'aux_heads': True}
        """
        return {name: value for name, value in self.options.items() if name in known}

    def step_options_for(self, known: Collection[str], steps_per_epoch: int) -> dict[str, int]:
        """The options of an architecture that take the number of steps of the run.

        Args:
            known: The names of the options it has, `spec.options`.
            steps_per_epoch: Steps in one epoch, at least 1.
        """
        total_steps = self.epochs * validate.positive_int("steps_per_epoch", steps_per_epoch)
        return {name: total_steps for name in self.step_options if name in known}


def _above_zero(name: str, value: Any) -> None:
    if validate.number(name, value) <= 0:
        raise ValueError(f"`{name}` must be above 0. {validate.received(name, value)}")
