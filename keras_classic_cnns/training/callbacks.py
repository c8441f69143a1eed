"""What happens in a run beside the training: records, checkpoints, and stopping in mid-epoch."""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_classic_cnns.application.heads import MAIN
from keras_classic_cnns.training import checkpoint
from keras_classic_cnns.training.checkpoint import Progress
from keras_classic_cnns.training.interrupts import Interrupts
from keras_classic_cnns.training.run_directory import RunDirectory, rank


class Stopped(Exception):
    """Raised out of `fit` when a signal was received and the state is saved."""


class Keeper(keras.callbacks.Callback):
    """Keeps a run's history and checkpoints, so that it can go on after any interruption.

    At the end of an epoch the history gets its row first, then `best.keras` and `last.keras`
    follow. Wherever a process is killed in between, the checkpoint is the older part, and a
    rerun repeats the epoch and overwrites the row.

    Args:
        run: Where to keep them.
        steps_per_epoch: Training steps of a whole epoch.
        progress: How far the run is.
        rate: The learning rate of a step.
    """

    def __init__(
        self,
        run: RunDirectory,
        steps_per_epoch: int,
        progress: Progress,
        rate: Callable[[int], Any],
    ):
        super().__init__()
        self.run = run
        self.rate = rate
        self.steps_per_epoch = steps_per_epoch
        # an epoch whose metrics are kept is not finished: its row, if there is one, comes again
        closed = progress.step - bool(progress.metrics)
        self.rows = [row for row in run.read_history() if row["step"] <= closed]
        self._unfinished = progress if progress.step % steps_per_epoch else None

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Takes up the sums of an epoch that an earlier process left unfinished."""
        if self._unfinished is not None:
            checkpoint.restore_metrics(self.model, self._unfinished)
            self._unfinished = None

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Writes the row and the checkpoints of a finished epoch."""
        row = {
            "epoch": epoch + 1,
            "step": (epoch + 1) * self.steps_per_epoch,
            # of the last step: the optimizer's own is that of the next one
            "learning_rate": float(self.rate((epoch + 1) * self.steps_per_epoch - 1)),
            **{_column(name): float(v) for name, v in logs.items() if name != "learning_rate"},
        }
        is_best = not self.rows or rank(row) > max(map(rank, self.rows))
        self.rows.append(row)
        self.run.write_history(self.rows)
        progress = Progress(row["step"], seeds=checkpoint.progress_of(self.model).seeds)
        if is_best:
            checkpoint.save(self.model, self.run.best, progress)
            checkpoint.copy(self.run.best, self.run.last)
        else:
            checkpoint.save(self.model, self.run.last, progress)


def _column(metric: str) -> str:
    """The metric of a net with auxiliary heads by the name it has in one without."""
    return metric if metric.endswith("_loss") else metric.replace(f"{MAIN}_", "")


class StopOnSignal(keras.callbacks.Callback):
    """Saves `last.keras` after the batch in which a signal came, and raises `Stopped`.

    A batch of the evaluation counts as well: the epoch's training is then complete, and a rerun
    begins with its evaluation.

    Args:
        run: Where to save.
        interrupts: Knows whether a signal came.
    """

    def __init__(self, run: RunDirectory, interrupts: Interrupts):
        super().__init__()
        self.run = run
        self.interrupts = interrupts
        self._trained: Progress | None = None

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Stops where a signal came."""
        if self.interrupts.received:
            self._stop(checkpoint.progress_of(self.model))

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Notes the training metrics, which the evaluation is about to reset."""
        self._trained = checkpoint.progress_of(self.model)

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Stops where a signal came, in the state before the evaluation."""
        if self.interrupts.received:
            self._stop(self._trained)

    def _stop(self, progress: Progress) -> None:
        checkpoint.save(self.model, self.run.last, progress)
        raise Stopped
