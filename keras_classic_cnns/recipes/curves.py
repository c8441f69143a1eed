"""Schedules that change at every step, and the warm-up in front of any of them."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.recipes.schedules import PACKAGE, Schedule, Steps, passed


@keras.saving.register_keras_serializable(package=PACKAGE)
@dataclass(frozen=True)
class Exponential(Schedule):
    """A factor that is multiplied by the same number again and again.

        factor(step) = base ** (times * step / total_steps)

    With `staircase` the exponent is rounded down: "times 0.94 every two epochs" of 100 is
    `Exponential(0.94, times=50)`.

    Source: C. Szegedy et al., "Rethinking the Inception architecture" (2015), section 8.

    Args:
        base: What is multiplied by, in `(0, 1]`.
        times: How often in a run, at least 0; it need not be a whole number.
        staircase: Whether the factor changes all at once, at the step nearest to each multiple of
            `1 / times` of the run, or a little at every step.

    Raises:
        ValueError: A number is out of range.

    Example:
        >>> schedule = Exponential(0.5, times=4)
        >>> [round(float(schedule(step, 100)), 3) for step in (24, 25, 50, 99)]
        [1.0, 0.5, 0.25, 0.125]
    """

    base: float
    times: float
    staircase: bool = True

    def __post_init__(self) -> None:
        validate.positive("base", self.base, maximum=1)
        validate.number("times", self.times, minimum=0)
        validate.boolean("staircase", self.staircase)

    def __call__(self, step: Any, total_steps: int) -> Any:
        if not self.staircase:
            return self.base ** (self.times * _fraction(step, total_steps))
        changes = [count / self.times for count in range(1, int(self.times) + 1)]
        count = passed(step, total_steps, [change for change in changes if change < 1])
        return self.base ** ops.cast(count, "float32")


@keras.saving.register_keras_serializable(package=PACKAGE)
@dataclass(frozen=True)
class Polynomial(Schedule):
    """A factor that falls from 1 to `end` as a power of what is left of the run.

        factor(step) = end + (1 - end) * (1 - step / total_steps) ** power

    Source: the policy "poly" of Caffe, as in the solvers of SqueezeNet and `bvlc_googlenet`.

    Args:
        power: Above 0; 1 is a straight line.
        end: The factor at the end of the run, in `[0, 1]`.

    Raises:
        ValueError: A number is out of range.

    Example:
        >>> schedule = Polynomial(power=0.5)
        >>> [round(float(schedule(step, 100)), 3) for step in (0, 75, 100)]
        [1.0, 0.5, 0.0]
    """

    power: float = 1.0
    end: float = 0.0

    def __post_init__(self) -> None:
        validate.positive("power", self.power)
        validate.number("end", self.end, minimum=0, maximum=1)

    def __call__(self, step: Any, total_steps: int) -> Any:
        return self.end + (1 - self.end) * (1 - _fraction(step, total_steps)) ** self.power


def linear(end: float = 0.0) -> Polynomial:
    """A factor that falls from 1 to `end` in a straight line.

    Example:
        >>> round(float(linear()(25, 100)), 3)
        0.75
    """
    return Polynomial(1.0, end)


@keras.saving.register_keras_serializable(package=PACKAGE)
@dataclass(frozen=True)
class Cosine(Schedule):
    """A factor that falls from 1 to `end` as half a wave of the cosine.

        factor(step) = end + (1 - end) * (1 + cos(pi * step / total_steps)) / 2

    Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts" (2016),
    without restarts.

    Args:
        end: The factor at the end of the run, in `[0, 1]`.

    Raises:
        ValueError: `end` is out of range.

    Example:
        >>> [round(float(Cosine()(step, 100)), 3) for step in (0, 50, 100)]
        [1.0, 0.5, 0.0]
    """

    end: float = 0.0

    def __post_init__(self) -> None:
        validate.number("end", self.end, minimum=0, maximum=1)

    def __call__(self, step: Any, total_steps: int) -> Any:
        wave = (1 + ops.cos(np.pi * _fraction(step, total_steps))) / 2
        return self.end + (1 - self.end) * wave


@keras.saving.register_keras_serializable(package=PACKAGE)
@dataclass(frozen=True)
class WarmUp(Schedule):
    """A straight line up, then another schedule over what is left of the run.

        warm = round(share * total_steps)
        factor(step) = start + (1 - start) * step / warm               (step < warm)
        factor(step) = then(step - warm, total_steps - warm)           (step >= warm)

    Source: P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour" (2017),
    section 2.2.

    Args:
        share: The part of the run that is warmed up in, in `(0, 1)`.
        then: The schedule of the rest; its fractions are those of the rest.
        start: The factor of the first step, in `[0, 1]`.

    Raises:
        ValueError: A number is out of range.

    Example:
        >>> schedule = WarmUp(0.1, Cosine(), start=0.5)
        >>> [round(float(schedule(step, 100)), 3) for step in (0, 5, 10, 55, 100)]
        [0.5, 0.75, 1.0, 0.5, 0.0]
    """

    share: float
    then: Schedule = Steps()
    start: float = 0.0

    def __post_init__(self) -> None:
        validate.number("start", self.start, minimum=0, maximum=1)
        if not isinstance(self.then, Schedule):
            raise TypeError(
                "`then` must be a schedule, such as Cosine(). "
                f"{validate.received('then', self.then)}"
            )
        if validate.rate("share", self.share) == 0:
            raise ValueError(f"`share` must be above 0. {validate.received('share', self.share)}")

    def __call__(self, step: Any, total_steps: int) -> Any:
        warm = round(self.share * total_steps)
        step = ops.cast(step, "int32")
        rest = self.then(ops.maximum(step - warm, 0), max(total_steps - warm, 1))
        climb = self.start + (1 - self.start) * _fraction(step, max(warm, 1))
        return ops.where(step < warm, climb, rest)

    def get_config(self) -> dict:
        then = keras.saving.serialize_keras_object(self.then)
        return {"share": self.share, "then": then, "start": self.start}

    @classmethod
    def from_config(cls, config: dict) -> "WarmUp":
        then = keras.saving.deserialize_keras_object(config["then"])
        return cls(config["share"], then, config["start"])


def _fraction(step: Any, total_steps: int) -> Any:
    """How much of a run is over, from 0 to 1."""
    return ops.clip(ops.cast(step, "float32") / total_steps, 0.0, 1.0)
