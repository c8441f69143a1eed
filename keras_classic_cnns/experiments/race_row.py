"""What one run of the history race came to."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from keras_classic_cnns import registry


@dataclasses.dataclass(frozen=True)
class Row:
    """A finished run of the race.

    Args:
        model: The network's name in the registry.
        input_shape: Height, width and channels.
        parameters: All weights, moving averages included.
        macs: Multiply-accumulates of convolutions and dense layers for one image.
        recipe: The recipe's name.
        learning_rate: The base rate of the run.
        train_images: How many images were learned.
        test_images: How many images it was tested on.
        classes: How many classes they are of.
        accuracy: The share of test images it got right; `None` where it diverged.
        processor_seconds: What building, training and saving took, summed over the cores; `None`
            of a run that was interrupted.
        seconds: The same by the clock on the wall.
        machine: What it ran on.
        error: Why it ended early, or `None`.
        settings: Those of `training.train`, without its folders.
    """

    model: str
    input_shape: Sequence[int]
    parameters: int
    macs: int
    recipe: str
    learning_rate: float
    train_images: int
    test_images: int
    classes: int
    accuracy: float | None
    processor_seconds: float | None
    seconds: float | None
    machine: str
    error: str | None
    settings: Mapping[str, Any]

    @property
    def spec(self) -> registry.ModelSpec:
        """The record of the architecture."""
        return registry.get_spec(self.model)

    @property
    def chance(self) -> float:
        """The accuracy up to which a run may be a guess: three standard deviations above 1/n."""
        share = 1 / self.classes
        return share + 3 * math.sqrt(share * (1 - share) / self.test_images)

    @property
    def learned(self) -> bool:
        """Whether the network does better than one that guesses."""
        return self.accuracy is not None and self.accuracy > self.chance

    def __str__(self) -> str:
        result = "diverged" if self.accuracy is None else f"{self.accuracy:.2%} of the test images"
        note = "" if self.learned or self.accuracy is None else ", which is chance"
        spent = "" if self.seconds is None else f", {self.seconds:.0f} s"
        return f"{self.spec.constructor}, seed {self.settings['seed']}: {result}{note}{spent}"


@dataclasses.dataclass(frozen=True)
class Standing:
    """All runs of one network.

    Args:
        rows: Its runs, at least one.
    """

    rows: tuple[Row, ...]

    @property
    def first(self) -> Row:
        """A run, for what is the same in all."""
        return self.rows[0]

    @property
    def accuracies(self) -> list[float]:
        """Of the runs that did not diverge, lowest first."""
        return sorted(row.accuracy for row in self.rows if row.accuracy is not None)

    @property
    def accuracy(self) -> float | None:
        """Their mean; `None` where all diverged."""
        return _mean(self.accuracies)

    @property
    def processor_seconds(self) -> float | None:
        """The mean of the runs that were not interrupted, or `None`."""
        spent = [row.processor_seconds for row in self.rows]
        return _mean([seconds for seconds in spent if seconds is not None])


def standings(rows: Sequence[Row]) -> list[Standing]:
    """The runs by network, in order of the years, then of the names."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.spec.paper.year, row.spec.constructor)):
        found.setdefault(row.model, []).append(row)
    return [Standing(tuple(runs)) for runs in found.values()]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
