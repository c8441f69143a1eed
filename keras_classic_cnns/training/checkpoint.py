"""Checkpoints that hold all a run needs to go on: the model, its optimizer and its progress.

A checkpoint is an ordinary `.keras` file. One small member more, `progress.json`, says how far
the run was and holds what Keras does not save: the running metrics of an unfinished epoch and
the states of the random generators. Over several replicas another one, `replicas.npz`, holds what
each of them has of its own, such as moving averages. All of it is one file, so that it can never
disagree.
"""

import dataclasses
import io
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_classic_cnns.core import files, validate
from keras_classic_cnns.distribute.placement import run_in_replicas

_MEMBER = "progress.json"
_REPLICAS = "replicas.npz"
# what zipfile raises where a damaged byte says how a part is packed, beside what it says of others
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError),
    *(OSError, KeyError, ValueError, TypeError),
)


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run is.

    Args:
        step: Training batches done since the start of the run.
        metrics: The values of the model's metric variables, which hold the sums of an unfinished
            epoch; none where the last epoch is finished, evaluation included.
        seeds: The states of the model's random generators (dropout has one).
        updates: What the optimizer has counted. Less than `step` where it left out batches whose
            gradients overflowed in float16. `None` in files older than this field: the same.
        shares: What each replica has of every metric variable; none of one replica, and of several
            workers, which may have to take each other's files.
    """

    step: int = 0
    metrics: list[list] = dataclasses.field(default_factory=list)
    seeds: list[list[int]] = dataclasses.field(default_factory=list)
    updates: int | None = None
    shares: list[list] = dataclasses.field(default_factory=list)


def progress_of(model: keras.Model, step: int) -> Progress:
    """Reads a compiled model's progress.

    Args:
        model: The model.
        step: Training batches done since the start of the run.
    """
    return Progress(
        step=step,
        metrics=[_plain(variable) for variable in model.metrics_variables],
        seeds=[_plain(variable) for variable in _seed_variables(model)],
        updates=_updates(model),
        shares=[[_plain(share) for share in shares] for shares in _metric_shares(model)],
    )


def newest(paths: Sequence[Path]) -> tuple[Path | None, Progress, list[str]]:
    """Finds the checkpoint to go on from.

    Args:
        paths: Where one may be, the newest first.

    Returns:
        The first whole one (`None` where there is none), how far it was, and what is wrong with
        those before it.

    Raises:
        ValueError: There are some, and all are damaged.
    """
    wrong = []
    for path in paths:
        if path.exists():
            try:
                return path, read_progress(path), wrong
            except ValueError as error:
                wrong.append(str(error))
    if wrong:
        raise ValueError(
            "No checkpoint of the run can be read. Remove them to start it anew, or put a good "
            "copy of last.keras in its place.\n" + "\n".join(wrong)
        )
    return None, Progress(), []


def read_all(paths: Sequence[Path]) -> tuple[list[tuple[Path, Progress]], list[str]]:
    """Reads the progress of all checkpoints that are there.

    Args:
        paths: Where one may be.

    Returns:
        Those that are whole, in that order, and what is wrong with the others.
    """
    whole, wrong = [], []
    for path in paths:
        if path.exists():
            try:
                whole.append((path, read_progress(path)))
            except ValueError as error:
                wrong.append(str(error))
    return whole, wrong


def save(
    model: keras.Model, path: Path, progress: Progress, *, previous: Path | None = None
) -> None:
    """Writes a checkpoint and reads it again; others see the old file or the whole new one.

    Args:
        model: A compiled model.
        path: A path that ends in `.keras`.
        progress: What the file says of the run.
        previous: The name that an old file gets, when the new one is whole; `None`: it is removed.

    Raises:
        OSError: It cannot be written; an old file is still there.
    """
    try:
        with files.atomic_path(path) as temporary:
            model.save(temporary)
            with zipfile.ZipFile(temporary, "a") as archive:
                archive.writestr(_MEMBER, json.dumps(dataclasses.asdict(progress)))
                if own := _per_replica(model, model.non_trainable_weights):
                    archive.writestr(_REPLICAS, _packed(own))
            read_progress(temporary)
            if previous is not None:  # not sooner, or one file would have both names for a while
                _keep(path, previous)
    except OSError as error:
        error.add_note(
            f"The checkpoint of batch {progress.step} could not be written to {path}; the one "
            "before it is still there. Make room, then give the same command to go on."
        )
        raise


def _keep(path: Path, previous: Path) -> None:
    """Gives a checkpoint a second name, under which it stays when a newer one takes its place."""
    if path.exists():
        with files.atomic_path(previous) as temporary:
            temporary.unlink()
            try:
                os.link(path, temporary)
            except OSError:  # a file system without links
                shutil.copyfile(path, temporary)


def copy(source: Path, target: Path) -> None:
    """Copies a checkpoint in one piece."""
    with files.atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


def read_progress(path: Path) -> Progress:
    """Reads the progress from a checkpoint and checks that the file is whole.

    Raises:
        ValueError: The file is damaged, or no checkpoint of a run.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            if damaged is None:
                return Progress(**json.loads(archive.read(_MEMBER)))
            reason = f"its part {damaged} fails its checksum"
    except _UNREADABLE as error:
        reason = str(error).strip("'\"")
    raise ValueError(
        f"The checkpoint cannot be read: {reason}. It is damaged or was not written by `train`. "
        f"{validate.received('path', str(path))}"
    )


def restore(model: keras.Model, path: Path) -> Progress:
    """Sets a freshly compiled model to the state of a checkpoint, optimizer included.

    The optimizer itself, with its learning rate schedule, stays the model's own: a longer run
    goes on with the schedule of its new length.

    Args:
        model: The same architecture, compiled with the same kind of optimizer.
        path: The checkpoint.

    Returns:
        How far it was.

    Raises:
        ValueError: The file is damaged, or another model's.
    """
    progress = read_progress(path)
    model.optimizer.build(model.trainable_variables)
    model.load_weights(path)
    expected = progress.step if progress.updates is None else progress.updates
    if _updates(model) != expected:
        raise ValueError(
            "The checkpoint's optimizer is of another kind than the recipe's. "
            f"{validate.received('path', str(path))}"
        )
    for variable, value in zip(_seed_variables(model), progress.seeds, strict=True):
        variable.assign(np.asarray(value, variable.dtype))
    with zipfile.ZipFile(path) as archive:
        if _REPLICAS in archive.namelist():
            with np.load(io.BytesIO(archive.read(_REPLICAS)), allow_pickle=False) as own:
                values = [own[str(number)] for number in range(len(own))]
            _assign(_per_replica(model, model.non_trainable_weights), values)
    return progress


def restore_metrics(model: keras.Model, progress: Progress) -> None:
    """Sets the running metrics of a functional model to those of an unfinished epoch."""

    # Keras makes the variables when a metric is first computed, and the sums of the losses of
    # auxiliary heads with the first loss; what is computed here is overwritten
    def compute() -> None:
        outputs = keras.tree.map_structure(
            lambda y: keras.ops.zeros((1, *y.shape[1:])), model.output
        )
        labels = keras.tree.map_structure(lambda _: keras.ops.zeros((1,), "int32"), outputs)
        model.compute_loss(None, labels, outputs)
        model.compute_metrics(None, labels, outputs)

    strategy = model.distribute_strategy
    with strategy.scope():
        run_in_replicas(compute, strategy)
        # of a sum over replicas each gets an equal share, until it gets its own
        for variable, value in zip(model.metrics_variables, progress.metrics, strict=True):
            variable.assign(value)
        _assign(_metric_shares(model), progress.shares)


def _updates(model: keras.Model) -> int:
    """How many batches the optimizer has counted, parts of a step included."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    return int(_plain(optimizer._iterations))


def _per_replica(model: keras.Model, variables: Sequence[Any]) -> list[tuple]:
    """What each replica of this process has of every variable; nothing where there is one."""
    local = model.distribute_strategy.experimental_local_results
    shares = [local(variable.value) for variable in variables]
    return shares if any(len(own) > 1 for own in shares) else []


def _metric_shares(model: keras.Model) -> list[tuple]:
    shares = _per_replica(model, model.metrics_variables)
    replicas = model.distribute_strategy.num_replicas_in_sync
    return shares if all(len(own) == replicas for own in shares) else []


def _packed(shares: Sequence[tuple]) -> bytes:
    content = io.BytesIO()
    arrays = {
        str(number): np.stack(list(map(np.asarray, own))) for number, own in enumerate(shares)
    }
    np.savez(content, **arrays)
    return content.getvalue()


def _assign(shares: Sequence[tuple], values: Sequence[Any]) -> None:
    """Gives each replica its own again, if there are as many as there were."""
    if shares and values and len(shares[0]) == len(values[0]):
        for own, new in zip(shares, values, strict=True):
            for share, value in zip(own, new, strict=True):
                share.assign(value)


def _seed_variables(model: keras.Model) -> list[Any]:
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]


def _plain(variable: Any) -> Any:
    return keras.ops.convert_to_numpy(variable).tolist()
