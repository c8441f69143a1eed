"""Training by `model.fit`, in a run directory from which it can always go on."""

import contextlib
import dataclasses
import errno
import functools
import importlib.util
import re
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from keras_classic_cnns import distribute
from keras_classic_cnns.application.auxiliary import with_aux_labels
from keras_classic_cnns.core import errors
from keras_classic_cnns.training import checkpoint, determinism, plots, report, workers
from keras_classic_cnns.training.build import Plan, make_plan
from keras_classic_cnns.training.callbacks import Clock, Keeper, StopOnNaN, Stopped
from keras_classic_cnns.training.checkpoint import Progress
from keras_classic_cnns.training.interrupts import Interrupts
from keras_classic_cnns.training.jobs import TrainSettings
from keras_classic_cnns.training.record import record_of
from keras_classic_cnns.training.run_directory import RunDirectory, best_row
from keras_classic_cnns.training.tensorboard import board_of
from keras_classic_cnns.weights import preprocessing_for

_VERBOSE = {"bar": 1, "line": 2, "none": 0}


@dataclasses.dataclass(frozen=True)
class TrainResult:
    """What a call of `train` came to.

    Args:
        run: The run directory.
        step: Training batches done since the start of the run.
        total_steps: Training batches of the whole run.
        history: A row an epoch, as in `history.csv`.
        stopped_by: The signal that stopped it, or `None`.
        did_nothing: Whether the run was complete before, or was a dry one.
    """

    run: Path
    step: int
    total_steps: int
    history: list[dict[str, float]]
    stopped_by: signal.Signals | None = None
    did_nothing: bool = False

    @property
    def is_finished(self) -> bool:
        """Whether the run is complete."""
        return self.stopped_by is None and self.step >= self.total_steps

    @property
    def best(self) -> Mapping[str, float] | None:
        """The row of the epoch that `best.keras` holds; `None` without a finished epoch."""
        return best_row(self.history) if self.history else None


def train(settings: TrainSettings) -> TrainResult:
    """Trains a network, or goes on with a run that was interrupted.

    The same settings in the same directory go on from the last step that was saved, with the
    weights, optimizer, data and epoch metrics as they were: the result is that of a run left
    alone. Ctrl-C or SIGTERM saves after the batch in work and returns; a second one aborts.

    Over several workers each calls this with the same settings, before anything else of TensorFlow
    runs; the chief keeps the run directory, and each of the others a folder in it.

    Args:
        settings: What to train on what; `keras-classic-cnns train --help` tells the same.

    Returns:
        How far the run is.

    Raises:
        ValueError: A setting does not fit, the directory holds another run or is in use by
            another process, or its checkpoints are damaged.
        MissingDataError: The data set is not on this machine.
        DivergedError: The loss is no finite number any more.
        OutOfMemoryError: A step does not fit into the memory of the device.
        DistributionError: The devices that were asked for are not there.
        LostWorkerError: Another worker has ended; all are to be started again.
        OSError: A checkpoint cannot be written, on a full disk, say; the one before it stays.

    Example:
        >>> import tempfile
        >>> short = {"train_split": "train[:64]", "batch_size": 32, "epochs": 1, "progress": "none"}
        >>> with tempfile.TemporaryDirectory() as run:
        ...     result = train(TrainSettings(model="lenet5", dataset="digits", out=run, **short))
        LeNet5 on digits: 64 images of 10 classes (train[:64]), 360 to validate (test), input ...
        >>> result.step, result.is_finished
        (2, True)
    """
    if settings.deterministic:
        determinism.switch_on()
    plan = make_plan(settings)
    chief = RunDirectory(settings.out or default_directory(plan))
    run = workers.run_directory(chief.path, plan.placement)
    if settings.dry_run:
        report.dry_run(plan, plan.build(distributed=False), run)
        return TrainResult(run.path, 0, plan.total_steps, [], did_nothing=True)
    with run.locked(), workers.telling_of_lost_workers(plan.placement, run):
        run.check(record_of(plan))
        newest, progress, damaged = workers.newest_checkpoint(run, chief, plan.placement)
        rows = run.read_history()
        if progress.step >= plan.total_steps and not progress.metrics:
            report.nothing_to_do(plan, rows)
            return TrainResult(run.path, progress.step, plan.total_steps, rows, did_nothing=True)
        report.announce(plan, run, progress.step, damaged)
        share = functools.partial(distribute.exchange, placement=plan.placement)
        with Interrupts(before_abort=run.remove_leftovers, share=share) as interrupts:
            return _train(plan, run, newest, interrupts)


def _train(
    plan: Plan, run: RunDirectory, newest: Path | None, interrupts: Interrupts
) -> TrainResult:
    model = plan.build()
    # only now, so that a model that cannot be built leaves nothing behind
    run.prepare(record_of(plan), plan.train.labels, preprocessing_for(model))
    with plan.placement.scope():
        progress = checkpoint.restore(model, newest) if newest else Progress()
    if newest not in (None, run.last):
        checkpoint.copy(newest, run.last)  # or a damaged one would become the one before the next
    clock = Clock(progress.step, plan.total_steps, plan.execution.part(plan.recipe.batch_size))
    keeper = Keeper(
        run,
        plan.steps_per_epoch,
        progress,
        plan.rate,
        clock=clock,
        interrupts=interrupts,
        save_every_steps=plan.settings.save_every_steps,
        saves_best=plan.placement.is_chief,
    )
    finished = (progress.step - bool(progress.metrics)) // plan.steps_per_epoch
    if finished and not keeper.rows:
        report.without_history(run, finished)
    board = _tensorboard(run, plan, clock) if plan.placement.is_chief else []
    is_stopped = False
    try:
        with _closed_at_an_early_end(board), _saying_what_is_full(plan, run):
            _run_epochs(model, plan, progress, [clock, StopOnNaN(clock), keeper, *board])
    except Stopped:
        is_stopped = True
    step = clock.step
    if keeper.rows and plan.placement.is_chief:
        plots.learning_curve(
            keeper.rows, run.curve, f"{plan.spec.constructor} on {plan.train.name}"
        )
    if not is_stopped:
        report.finished(plan, keeper.rows)
        return TrainResult(run.path, step, plan.total_steps, keeper.rows)
    report.stopped(plan, run, step, interrupts.stopped_by)
    return TrainResult(run.path, step, plan.total_steps, keeper.rows, interrupts.stopped_by)


def _run_epochs(model: keras.Model, plan: Plan, progress: Progress, callbacks: list) -> None:
    """Trains from `progress` to the end: the rest of an epoch first, then whole ones."""
    steps, evaluation = plan.steps_per_epoch, with_aux_labels(plan.eval_batches(), model)
    epoch, done = divmod(progress.step, steps)
    if progress.metrics and not done:
        # stopped in the evaluation, or just before it: the training of that epoch is complete
        _close_epoch(model, epoch - 1, progress, evaluation, callbacks)
    common = {
        "shuffle": False,  # the pipeline has shuffled
        "validation_data": evaluation,
        "callbacks": callbacks,
        "verbose": _verbosity(plan.settings.progress) if plan.placement.is_chief else 0,
    }
    if done:
        rest = with_aux_labels(plan.train_batches(skip=progress.step), model)
        model.fit(
            rest, initial_epoch=epoch, epochs=epoch + 1, steps_per_epoch=steps - done, **common
        )
        epoch += 1
    if epoch < plan.recipe.epochs:
        whole = with_aux_labels(plan.train_batches(skip=epoch * steps), model)
        model.fit(
            whole,
            initial_epoch=epoch,
            epochs=plan.recipe.epochs,
            steps_per_epoch=steps,
            **common,
        )


def _close_epoch(
    model: keras.Model, epoch: int, progress: Progress, evaluation: Any, callbacks: list
) -> None:
    """Does what `fit` does after the last batch of an epoch."""
    every = keras.callbacks.CallbackList(callbacks, model=model)
    every.on_train_begin()
    checkpoint.restore_metrics(model, progress)
    logs = dict(model.get_metrics_result())
    evaluated = model.evaluate(evaluation, callbacks=every, return_dict=True, verbose=0)
    every.on_epoch_end(epoch, logs | {f"val_{name}": evaluated[name] for name in evaluated})
    every.on_train_end()


@contextlib.contextmanager
def _closed_at_an_early_end(board: Sequence[keras.callbacks.Callback]) -> Iterator[None]:
    """Ends what Keras ends only where `fit` does: files that are open, and a profile."""
    try:
        yield
    except BaseException:
        for callback in board:
            with contextlib.suppress(Exception):  # what has ended the run is to be told
                callback.on_train_end()
        raise


@contextlib.contextmanager
def _saying_what_is_full(plan: Plan, run: RunDirectory) -> Iterator[None]:
    """Says whether the memory or the disk is full, for which TensorFlow has one error."""
    try:
        yield
    except Exception as error:
        if type(error).__name__ != "ResourceExhaustedError":
            raise
        if "No space left" in str(error):
            text = "No space left for TensorBoard's files"
            raise OSError(errno.ENOSPC, text, str(run.path)) from error
        raise errors.OutOfMemoryError(_too_large(plan)) from error


def _too_large(plan: Plan) -> str:
    batch_size, accumulate = plan.recipe.batch_size, plan.execution.accumulate
    more = [parts for parts in range(accumulate + 1, batch_size + 1) if batch_size % parts == 0]
    smaller = f"--accumulate={more[0]} (the same batch in smaller parts), " if more else ""
    if plan.placement.num_replicas_in_sync > 1:
        smaller = "more devices, "  # over which steps cannot come in parts
    return (
        f"A step of {plan.images_at_a_time} images of {plan.input_shape} does not fit into the "
        f"memory of the device. Take, in a new directory, {smaller}a smaller --batch_size, "
        "--precision=mixed_float16 on a GPU, or, for DenseNet, --option=memory_efficient=True; "
        f"--dry_run estimates what a step needs. Received: batch_size={batch_size}"
    )


def _tensorboard(run: RunDirectory, plan: Plan, clock: Clock) -> list[keras.callbacks.Callback]:
    if importlib.util.find_spec("tensorboard"):
        return [board_of(plan, run.tensorboard, clock)]
    report.without_tensorboard()  # TensorFlow writes its files only where it is installed
    return []


def default_directory(plan: Plan) -> str:
    """Where a run goes that names no directory: `runs/resnet50-imagenette-320px-v2`."""
    dataset = re.sub("[/:]+", "-", plan.train.name.strip("./~")) or "folder"
    return f"runs/{plan.spec.name}-{dataset}"


def _verbosity(progress: str) -> int:
    if progress == "auto":
        progress = "bar" if sys.stdout.isatty() else "line"
    return _VERBOSE[progress]
