"""What a run writes for TensorBoard."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_classic_cnns.preprocessing import Preprocessing
from keras_classic_cnns.training.build import Plan
from keras_classic_cnns.training.callbacks import Clock

_SAMPLES = 8
# Steps between two rows of scalars: ten rows an epoch within these bounds, since each costs time.
_FEWEST, _MOST = 10, 100


class Board(keras.callbacks.TensorBoard):
    """Keras's epoch scalars, scalars of steps, pictures of training images, and a profile.

    Keras counts steps anew in each call of `fit`. This one counts in steps of the run, so that the
    axis goes on where the run does, and writes scalars every 10 to 100 of them:

        train/, validation/    Keras's: `epoch_loss`, `epoch_learning_rate`, ... against epochs
        steps/                 `loss`, `learning_rate`, `images_per_s`, ... against steps; loss and
                               metrics are means of the epoch so far
        steps/                 `training_images`, at the start of a run
        plugins/profile/       what TensorFlow and the machine did in the steps asked for

    Args:
        folder: Where to.
        clock: Knows the step.
        steps_per_epoch: Training batches of a whole epoch.
        rate: The learning rate of a batch.
        samples: Gives training images in 0..255, `(batch, height, width, channels)`.
        profile: The first and the last batch of the run to profile, counted from 1, or `None`.
        steps_per_execution: Batches that run without going back to Python: those that run with
            one to be profiled are in the profile too.
    """

    def __init__(
        self,
        folder: str | Path,
        clock: Clock,
        *,
        steps_per_epoch: int,
        rate: Callable[[int], Any],
        samples: Callable[[], np.ndarray] | None = None,
        profile: tuple[int, int] | None = None,
        steps_per_execution: int = 1,
    ):
        super().__init__(str(folder), write_graph=False)
        self.clock = clock
        self.rate = rate
        self.samples = samples
        self.profile = profile
        self.steps_per_execution = steps_per_execution
        self.every = min(max(steps_per_epoch // 10, _FEWEST), _MOST)
        self._written = clock.step
        self._is_profiling = False

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Shows training images, once in a run."""
        super().on_train_begin(logs)
        self._steps = self.summary.create_file_writer(f"{self.log_dir}/steps")
        self._write = _in_one_graph(self._steps)
        if self.samples is not None and self.clock.step == 0:
            images = np.clip(self.samples()[:_SAMPLES] / 255, 0, 1)
            with self._steps.as_default():
                self.summary.image("training_images", images, step=0, max_outputs=_SAMPLES)

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Starts the profile where it is time to."""
        if self.profile is None or self._is_profiling:
            return
        first, last = self.profile
        if first - self.steps_per_execution < self.clock.step + 1 <= last:
            tf.profiler.experimental.start(self.log_dir)
            self._is_profiling = True

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Writes scalars, and ends the profile, where it is time to."""
        step = self.clock.step
        if step // self.every > self._written // self.every:
            scalars = {**logs, "learning_rate": self.rate(step - 1)}
            row = {name: tf.cast(value, "float32") for name, value in scalars.items()}
            self._write(row, tf.constant(step, "int64"))
            self._written = step
        if self._is_profiling and step >= self.profile[1]:
            self._end_profile()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Ends the profile and closes all files."""
        if self._is_profiling:
            self._end_profile()
        super().on_train_end(logs)
        self._steps.close()

    def _end_profile(self) -> None:
        self._is_profiling = False
        tf.profiler.experimental.stop()


def _in_one_graph(writer: Any) -> Callable[[Mapping[str, Any], Any], None]:
    """A function that writes scalars of a step: one by one they take several times as long."""

    @tf.function
    def write(scalars, step):
        with writer.as_default():
            for name, value in scalars.items():
                tf.summary.scalar(name, value, step=step)

    return write


def board_of(plan: Plan, folder: str | Path, clock: Clock) -> Board:
    """What a run writes for TensorBoard.

    Args:
        plan: The run.
        folder: Where to.
        clock: Knows the step.
    """

    def samples() -> np.ndarray:
        images, _ = next(iter(plan.train_batches(skip=0)))
        is_scaled = images.dtype.is_floating  # the mixed ones
        return as_pixels(images, plan.preprocessing) if is_scaled else images.numpy()

    return Board(
        folder,
        clock,
        steps_per_epoch=plan.steps_per_epoch,
        rate=plan.rate,
        samples=samples,
        profile=plan.settings.profile_steps,
        steps_per_execution=plan.execution.steps_per_execution,
    )


def as_pixels(images: Any, preprocessing: Preprocessing) -> np.ndarray:
    """Undoes the scaling of images: the inverse of `preprocessing.preprocess`.

    Args:
        images: `(..., height, width, channels)`, as the network takes them.
        preprocessing: How they were scaled.
    """
    images = np.asarray(images, "float32")
    mean, std = np.float32(preprocessing.mean), np.float32(preprocessing.std)
    if images.shape[-1] != 3:
        return images * std.mean() + mean.mean()
    pixels = images * std + mean
    return pixels[..., ::-1] if preprocessing.reverse_channels else pixels
