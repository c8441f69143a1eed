"""How the steps of a run are computed, which is no matter of the paper."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from keras_classic_cnns.core import validate

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
XLA = ("auto", "on", "off")
_JIT_COMPILE = {"auto": "auto", "on": True, "off": False}


@dataclass(frozen=True)
class Execution:
    """How a step is computed: the numbers behind a recipe stay the same, up to rounding.

    Source: P. Micikevicius et al., "Mixed precision training" (2017), for `precision`.

    Args:
        precision: `"float32"`; `"mixed_float16"`, for GPUs, whose losses Keras scales so that small
            gradients survive; or `"mixed_bfloat16"`, for TPUs and new GPUs and CPUs. Weights and
            the classifier stay float32. The model must be built inside of `building()`.
        xla: Whether XLA compiles the step: `"on"`, `"off"`, or `"auto"`, Keras's choice.
        steps_per_execution: Steps that TensorFlow runs without going back to Python; callbacks see
            only the last one of them. At least 1.
        accumulate: Parts that the images of a step come in; their gradients are added up, so that
            a part has to fit into the memory and not the whole. Batch normalisation sees a part.
            At least 1.

    Raises:
        ValueError, TypeError: An argument is out of range.

    Example:
        >>> Execution(precision="mixed_bfloat16").accumulate
        1
    """

    precision: str = "float32"
    xla: str = "auto"
    steps_per_execution: int = 1
    accumulate: int = 1

    def __post_init__(self) -> None:
        validate.one_of("precision", self.precision, PRECISIONS)
        validate.one_of("xla", self.xla, XLA)
        validate.positive_int("steps_per_execution", self.steps_per_execution)
        validate.positive_int("accumulate", self.accumulate)

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """What is built inside of a `with` block computes in this precision."""
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(self.precision)
        try:
            yield
        finally:
            keras.config.set_dtype_policy(before)

    def part(self, batch_size: int) -> int:
        """The images of one part of a batch.

        Args:
            batch_size: The images of a step.

        Raises:
            ValueError: The parts would differ.
        """
        size, rest = divmod(batch_size, self.accumulate)
        if rest:
            raise ValueError(
                f"`accumulate` must divide the batch size, {batch_size}. "
                f"{validate.received('accumulate', self.accumulate)}"
            )
        return size

    def batches(self, steps: int, batch_size: int) -> int:
        """How many batches so many steps come in; the parts of a step count each.

        Args:
            steps: Steps of an epoch, at least 1.
            batch_size: The images of a step.

        Raises:
            ValueError: The parts would differ, or an execution would reach into the next epoch.

        Example:
            >>> Execution(accumulate=4).batches(steps=10, batch_size=32)
            40
        """
        self.part(batch_size)
        batches = steps * self.accumulate
        if batches % self.steps_per_execution:
            raise ValueError(
                f"`steps_per_execution` must divide the {batches} batches of an epoch, or the last "
                "ones would run into the next epoch. "
                f"{validate.received('steps_per_execution', self.steps_per_execution)}"
            )
        return batches

    def in_parts(self, batches: Any, batch_size: int) -> Any:
        """The batches of a `tf.data.Dataset`, each in its parts.

        Args:
            batches: Batches of `batch_size` images.
            batch_size: The images of a step.

        Raises:
            ValueError: The parts would differ.
        """
        part = self.part(batch_size)
        return batches if self.accumulate == 1 else batches.rebatch(part, drop_remainder=True)

    def check_precision(self, model: keras.Model) -> None:
        """Checks that a model computes in this precision, which it has from where it was built.

        Args:
            model: The model.

        Raises:
            ValueError: It was built outside of `building()`.
        """
        if self.precision == "float32":  # the default, which claims nothing
            return
        policies = {layer.dtype_policy.name for layer in model.layers}
        if self.precision not in policies:
            raise ValueError(
                "A model computes in the precision that it was built in: build it inside of "
                f"`with execution.building():`. Its layers have {', '.join(sorted(policies))}. "
                f"{validate.received('precision', self.precision)}"
            )

    def compile_arguments(self) -> dict[str, Any]:
        """What `Model.compile` takes."""
        return {
            "jit_compile": _JIT_COMPILE[self.xla],
            "steps_per_execution": self.steps_per_execution,
        }
