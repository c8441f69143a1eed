"""What a run over several workers needs more: agreement, and a folder for each."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from keras_classic_cnns import distribute
from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.distribute import Placement
from keras_classic_cnns.distribute.checks import check_steps_per_execution
from keras_classic_cnns.training import checkpoint
from keras_classic_cnns.training.checkpoint import Progress
from keras_classic_cnns.training.run_directory import RunDirectory
from keras_classic_cnns.training.train_settings import TrainSettings

_KEPT = 4  # checkpoints that a worker may find: two of its own, two of the chief's
# What TensorFlow raises in those who wait for a worker that has ended, by name: this floor does
# not import it.
_LOST = ("UnavailableError", "AbortedError", "CancelledError", "DeadlineExceededError")


def make_placement(settings: TrainSettings) -> Placement:
    """Chooses the devices of a run, and refuses what cannot be computed over several.

    Args:
        settings: What was asked for.

    Raises:
        ValueError: The steps cannot be computed over replicas as asked.
        DistributionError: The devices that were asked for are not there.
    """
    placement = distribute.strategy(
        settings.strategy, steps_per_execution=settings.steps_per_execution
    )
    if placement.num_replicas_in_sync == 1:
        return placement
    if settings.xla == "on" and placement.kind != "tpu":
        raise ValueError(
            "XLA cannot compile the steps of several replicas: they meet in the middle of a step. "
            f"Take --xla=auto, or one device: --strategy=gpu. {validate.received('xla', 'on')}"
        )
    if settings.accumulate > 1:
        raise ValueError(
            "`accumulate` must be 1 over several replicas: Keras adds the gradients of parts up "
            "under a condition, inside of which replicas cannot meet. More devices make the share "
            f"of each smaller. {validate.received('accumulate', settings.accumulate)}"
        )
    check_steps_per_execution(settings.steps_per_execution, placement)
    return placement


def run_directory(path: str | Path, placement: Placement) -> RunDirectory:
    """The folder of this worker: the chief's is the run directory itself.

    Args:
        path: The run directory.
        placement: Which worker this is.
    """
    if placement.is_chief:
        return RunDirectory(path)
    return RunDirectory(Path(path) / f"{RunDirectory.WORKER}{placement.worker}")


def newest_checkpoint(
    run: RunDirectory, chief: RunDirectory, placement: Placement
) -> tuple[Path | None, Progress, list[str]]:
    """Finds the newest checkpoint that all workers can go on from.

    Workers save after the same batches, and none is ahead of another by more than one checkpoint,
    of which each keeps two. A worker whose own folder is empty, since it runs on another machine
    now, takes the chief's checkpoint where it can see that.

    Args:
        run: The folder of this worker.
        chief: That of the chief.
        placement: Who the workers are; every one must call this.

    Returns:
        As `checkpoint.newest`; the progress is the same in all workers.

    Raises:
        ValueError: There are checkpoints, and none that all workers can read.
    """
    if placement.workers == 1:
        return checkpoint.newest((run.last, run.previous))
    paths = {path: None for home in (run, chief) for path in (home.last, home.previous)}
    whole, damaged = checkpoint.read_all(list(paths))
    mine = {}
    for path, progress in whole:  # its own before the chief's: its moving averages are its own
        mine.setdefault(_age(progress), (path, progress))
    ages = sorted(mine, reverse=True)
    told = distribute.exchange([*ages, *[-1] * (_KEPT - len(ages))], placement)
    common = set.intersection(*map(set, told)) - {-1}
    if common:
        path, progress = mine[max(common)]
        return path, progress, damaged
    if any(age >= 0 for ages in told for age in ages):
        steps = [sorted({age // 2 for age in ages if age >= 0}) for ages in told]
        raise ValueError(
            "\n".join([*damaged, "The workers have no checkpoint in common to go on from."])
            + " Put the chief's last.keras into the folders of the others, or remove all to start "
            f"anew. {validate.received('steps', steps)}"
        )
    return None, Progress(), damaged


def _age(progress: Progress) -> int:
    """Orders checkpoints: that of a finished epoch comes after that of its last batch."""
    return 2 * progress.step + (not progress.metrics)


@contextlib.contextmanager
def telling_of_lost_workers(placement: Placement, run: RunDirectory) -> Iterator[None]:
    """Says in a sentence that another worker is gone, where TensorFlow tells it at length.

    Args:
        placement: Who the workers are.
        run: The folder of this worker.

    Raises:
        LostWorkerError: Another worker has ended or cannot be reached.
    """
    try:
        yield
    except Exception as error:
        if placement.workers == 1 or type(error).__name__ not in _LOST:
            raise
        raise errors.LostWorkerError(
            "Another worker has ended or cannot be reached, so that this one cannot go on. Start "
            "all workers again with the same command: the run goes on from the last checkpoint "
            f"that all have; that of this worker is in {run.path}. "
            f"{validate.received('worker', placement.worker)}"
        ) from error
