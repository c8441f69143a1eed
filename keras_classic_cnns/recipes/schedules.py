"""Learning rates as pure functions of the step.

A schedule is a frozen record: `schedule(step, total_steps)` is the factor on the base learning
rate. It speaks of fractions of a run, so that it means the same for 164 epochs as for three. After
the run the factor stays what it was at its end.

There is none for "divide by ten when the error stops falling". Such a rate depends on the errors so
far, so that it is no function of the step, and a run that stops and goes on would have to remember
them. Where a paper trains so, its recipe has `Steps` at the drops that the authors or their code
published, or at ones of our own, and says which under `differences`.
"""

import abc
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from keras_classic_cnns.core import validate

PACKAGE = "keras_classic_cnns"


class Schedule(abc.ABC):
    """What all schedules are: records that Keras can save.

    Source: none of its own; see those that are made of it.
    """

    @abc.abstractmethod
    def __call__(self, step: Any, total_steps: int) -> Any:
        """The factor at a step.

        Args:
            step: A number or a scalar tensor, at least 0.
            total_steps: Steps of the run, at least 1.

        Returns:
            A float32 scalar tensor.
        """

    def get_config(self) -> dict:
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict) -> "Schedule":
        """Makes a record from its config, whose tuples may have become lists in a JSON file."""
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in config.items()})


@keras.saving.register_keras_serializable(package=PACKAGE)
@dataclass(frozen=True)
class Steps(Schedule):
    """A factor that is constant between boundaries.

        factor(step) = factors[how many boundaries <= step / total_steps]

    Source: every recipe of the classic papers; "divided by 10 at 32k and 48k of 64k iterations"
    (He et al., 2015) is `Steps((0.5, 0.75), (1.0, 0.1, 0.01))`.

    Args:
        boundaries: Fractions of the run, ascending, in `(0, 1)`; the step nearest to each is the
            first with the next factor.
        factors: One more than boundaries; each at least 0.

    Raises:
        ValueError: The boundaries do not ascend within `(0, 1)`, or the numbers do not match.

    Example:
        >>> schedule = Steps(boundaries=(0.5, 0.75), factors=(1.0, 0.1, 0.01))
        >>> [round(float(schedule(step, 64_000)), 3) for step in (31_999, 32_000, 48_000)]
        [1.0, 0.1, 0.01]
    """

    boundaries: tuple[float, ...] = ()
    factors: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        for boundary in self.boundaries:
            validate.number("boundaries", boundary)
        for factor in self.factors:
            validate.number("factors", factor, minimum=0)
        fractions = (0.0, *self.boundaries, 1.0)
        if any(one >= next_one for one, next_one in zip(fractions, fractions[1:], strict=False)):
            raise ValueError(
                "`boundaries` must ascend, and lie between 0 and 1. "
                f"{validate.received('boundaries', self.boundaries)}"
            )
        if len(self.factors) != len(self.boundaries) + 1:
            raise ValueError(
                f"`factors` must be one more than the {len(self.boundaries)} boundaries. "
                f"{validate.received('factors', self.factors)}"
            )

    def __call__(self, step: Any, total_steps: int) -> Any:
        factors = ops.convert_to_tensor(self.factors, "float32")
        return ops.take(factors, passed(step, total_steps, self.boundaries))


def passed(step: Any, total_steps: int, boundaries: Sequence[float]) -> Any:
    """How many boundaries a step is behind or at.

    Args:
        step: A number or a scalar tensor, at least 0.
        total_steps: Steps of the run, at least 1.
        boundaries: Fractions of the run; each stands for the step nearest to it.

    Returns:
        An int32 scalar tensor.
    """
    if not boundaries:
        return ops.convert_to_tensor(0, "int32")
    changes = [round(boundary * total_steps) for boundary in boundaries]
    behind = ops.cast(step, "int32") >= ops.convert_to_tensor(changes, "int32")
    return ops.sum(ops.cast(behind, "int32"))


def divide_by_ten(*boundaries: float) -> Steps:
    """Divides the learning rate by 10 at each fraction of the run.

    Example:
        >>> divide_by_ten(0.5, 0.75)
        Steps(boundaries=(0.5, 0.75), factors=(1.0, 0.1, 0.01))
    """
    factors = tuple(10.0**-times for times in range(len(boundaries) + 1))
    return Steps(tuple(boundaries), factors)


@keras.saving.register_keras_serializable(package=PACKAGE)
class ScheduledRate(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule bound to a base learning rate and a number of steps, as optimizers take it.

        rate(step) = learning_rate * schedule(step // parts, total_steps)

    Source: the recipes of the papers; see `Steps`.

    Args:
        learning_rate: The base learning rate, above 0.
        schedule: A record such as `Steps`.
        total_steps: Steps of the run, at least 1.
        parts: Batches that one step comes in, where gradients are accumulated: Keras counts those.
            All parts of a step have its rate. At least 1.

    Example:
        >>> rate = ScheduledRate(0.1, divide_by_ten(0.5), total_steps=100)
        >>> round(float(rate(49)), 3), round(float(rate(50)), 3)
        (0.1, 0.01)
    """

    def __init__(self, learning_rate: float, schedule: Schedule, total_steps: int, parts: int = 1):
        self.learning_rate = validate.number("learning_rate", learning_rate, minimum=0)
        self.schedule = schedule
        self.total_steps = validate.positive_int("total_steps", total_steps)
        self.parts = validate.positive_int("parts", parts)

    def __call__(self, step: Any) -> Any:
        """The learning rate at a step, or at the part of one of this number."""
        step = step if self.parts == 1 else step // self.parts
        return self.learning_rate * self.schedule(step, self.total_steps)

    def get_config(self) -> dict:
        return {
            "learning_rate": self.learning_rate,
            "schedule": keras.saving.serialize_keras_object(self.schedule),
            "total_steps": self.total_steps,
            "parts": self.parts,
        }

    @classmethod
    def from_config(cls, config: dict) -> "ScheduledRate":
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(config["learning_rate"], schedule, config["total_steps"], config.get("parts", 1))
