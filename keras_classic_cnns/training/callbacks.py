"""What happens in a run beside the training: records, checkpoints, and stopping in mid-epoch."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_classic_cnns.application.heads import MAIN
from keras_classic_cnns.core import errors
from keras_classic_cnns.training import checkpoint
from keras_classic_cnns.training.checkpoint import Progress
from keras_classic_cnns.training.interrupts import Interrupts
from keras_classic_cnns.training.run_directory import RunDirectory, rank

# What the progress line shows and the history does not keep: it differs from run to run.
_OF_THE_MOMENT = ("learning_rate", "images_per_s", "minutes_left")


class Stopped(Exception):
    """Raised out of `fit` when a signal was received and the state is saved."""


class Clock(keras.callbacks.Callback):
    """Counts the batches of the run, and says how fast it is and how long it will take.

    It stands before all other callbacks, which ask it.

    Args:
        step: Batches done since the start of the run.
        total_steps: Batches of the whole run.
        images: Images of a batch.
    """

    def __init__(self, step: int, total_steps: int, images: int):
        super().__init__()
        self.step = step
        self.total_steps = total_steps
        self.images = images
        self._begun = self._warm = (step, time.perf_counter())
        self._trained: tuple[float, float] | None = None  # when, and how fast, in this epoch
        self._beside = 0.0  # seconds an epoch takes beside its training, for each of its batches

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Notes where and when the epoch, or the rest of one, begins."""
        done = self.step - self._begun[0]
        if done and self._trained:  # an epoch that its evaluation and its checkpoints followed
            self._beside = (time.perf_counter() - self._trained[0]) / done
        self._begun = self._warm = (self.step, time.perf_counter())
        self._trained = None

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Counts; with several steps an execution `batch` is the last of them."""
        is_first = self.step == self._begun[0]
        self.step = self._begun[0] + batch + 1
        if logs is not None:
            logs |= self._told(self._rate())
        if is_first:
            self._warm = (self.step, time.perf_counter())

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Notes how fast the training was, before the evaluation takes its time."""
        self._trained = (time.perf_counter(), self._rate())

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Tells the speed of the epoch's training and the time that the rest will take."""
        done = self.step - self._begun[0]
        if logs is not None and done:
            ended, rate = self._trained or (time.perf_counter(), self._rate())
            self._beside = (time.perf_counter() - ended) / done
            logs |= self._told(rate)

    def _rate(self) -> float:
        """Batches a second of this epoch.

        The first execution, which may trace the graph and fill the pipeline, does not count where
        there are others.
        """
        first, since = self._warm if self._warm[0] < self.step else self._begun
        return (self.step - first) / (time.perf_counter() - since)

    def _told(self, rate: float) -> dict[str, float]:
        left = (self.total_steps - self.step) * (1 / rate + self._beside)
        return {"images_per_s": self.images * rate, "minutes_left": left / 60}


class StopOnNaN(keras.callbacks.Callback):
    """Ends a run whose loss is no number any more, before anything of it is saved.

    Args:
        clock: Knows the batch.
    """

    def __init__(self, clock: Clock):
        super().__init__()
        self.clock = clock

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Looks at the mean loss of the epoch so far."""
        self._check(float(logs["loss"]))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Looks at the loss on the validation images, which the last update may have ruined."""
        if logs and "val_loss" in logs:
            self._check(float(logs["val_loss"]))

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise errors.DivergedError(
                f"The training has diverged: the loss is {loss} after batch {self.clock.step}. "
                "Nothing of that is saved; what was saved before is as it was. Try a lower "
                "learning rate (--learning_rate; a tenth is a good first guess), a recipe that "
                "warms up, or, with mixed_float16, --precision=float32; and look whether the "
                "images are scaled as the network expects. A run with another learning rate needs "
                "another directory. If a rerun diverges at once, remove last.keras: previous.keras "
                "takes its place."
            )


class Keeper(keras.callbacks.Callback):
    """Keeps a run's history and checkpoints, so that it can go on after any interruption.

    At the end of an epoch the history gets its row first, then `best.keras` and `last.keras`
    follow. Wherever a process is killed in between, the checkpoint is the older part, and a
    rerun repeats the epoch and overwrites the row.

    Where a recipe averages the weights, the average is what is evaluated and what `best.keras`
    holds; `last.keras` has both.

    Args:
        run: Where to keep them.
        steps_per_epoch: Training batches of a whole epoch.
        progress: How far the run is.
        rate: The learning rate of a batch.
        clock: Knows the batch.
        interrupts: Knows whether a signal came.
        save_every_steps: After how many batches `last.keras` is saved too, or `None`.
        saves_best: Whether this process writes `best.keras`; one worker is enough.
    """

    def __init__(
        self,
        run: RunDirectory,
        steps_per_epoch: int,
        progress: Progress,
        rate: Callable[[int], Any],
        *,
        clock: Clock,
        interrupts: Interrupts,
        save_every_steps: int | None = None,
        saves_best: bool = True,
    ):
        super().__init__()
        self.run = run
        self.rate = rate
        self.steps_per_epoch = steps_per_epoch
        self.clock = clock
        self.interrupts = interrupts
        self.save_every_steps = save_every_steps
        self.saves_best = saves_best
        # an epoch whose metrics are kept is not finished: its row, if there is one, comes again
        closed = progress.step - bool(progress.metrics)
        self.rows = [row for row in run.read_history() if row["step"] <= closed]
        self._unfinished = progress if progress.step % steps_per_epoch else None
        self._trained: Progress | None = None
        self._saved = progress.step
        self._averages: keras.callbacks.SwapEMAWeights | None = None

    def set_model(self, model: keras.Model) -> None:
        """Looks whether the optimizer averages the weights."""
        super().set_model(model)
        optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
        if getattr(optimizer, "use_ema", False) and self._averages is None:
            self._averages = keras.callbacks.SwapEMAWeights()
            self._averages.set_model(model)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Takes up the sums of an epoch that an earlier process left unfinished."""
        if self._unfinished is not None:
            checkpoint.restore_metrics(self.model, self._unfinished)
            self._unfinished = None

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Saves where it is time to, and stops where a signal came."""
        due = self.save_every_steps and self.clock.step - self._saved >= self.save_every_steps
        is_over = self.interrupts.should_stop()
        if is_over or due:
            self._save_last(checkpoint.progress_of(self.model, self.clock.step))
        if is_over:
            raise Stopped

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Notes the training metrics, which the evaluation is about to reset."""
        self._trained = checkpoint.progress_of(self.model, self.clock.step)
        self._swap_in()

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Stops where a signal came, in the state before the evaluation.

        The epoch's training is then complete, and a rerun begins with its evaluation.
        """
        if self.interrupts.should_stop():
            self._swap_out()
            self._save_last(self._trained)
            raise Stopped

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Takes up the weights that are trained."""
        self._swap_out()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Writes the row and the checkpoints of a finished epoch."""
        step = (epoch + 1) * self.steps_per_epoch
        row = {
            "epoch": epoch + 1,
            "step": step,
            # of the last batch: the optimizer's own is that of the next one
            "learning_rate": float(self.rate(step - 1)),
            **{_column(name): float(v) for name, v in logs.items() if name not in _OF_THE_MOMENT},
        }
        is_best = not self.rows or rank(row) > max(map(rank, self.rows))
        self.rows.append(row)
        self.run.write_history(self.rows)
        now = checkpoint.progress_of(self.model, step)
        progress = Progress(step, seeds=now.seeds, updates=now.updates)
        if is_best:
            self._swap_in()
            if self.saves_best:
                checkpoint.save(self.model, self.run.best, progress)
            self._swap_out()
        self._save_last(progress)

    def _save_last(self, progress: Progress) -> None:
        checkpoint.save(self.model, self.run.last, progress, previous=self.run.previous)
        self._saved = progress.step

    def _swap_in(self) -> None:
        if self._averages is not None:
            self._averages.on_test_begin()

    def _swap_out(self) -> None:
        if self._averages is not None:
            self._averages.on_test_end()


def _column(metric: str) -> str:
    """The metric of a net with auxiliary heads by the name it has in one without."""
    return metric if metric.endswith("_loss") else metric.replace(f"{MAIN}_", "")
