"""The history race: every family's smallest network learns the same images by its paper's recipe.

It shows on a small scale that each recipe trains. A run is one of `training.train`: nine tenths of
the training images are learned, the last tenth chooses the epoch, and the test images are looked
at once, at the end. The race goes on where it was interrupted, and what is finished stays.
"""

import dataclasses
import gc
import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from keras_classic_cnns import data
from keras_classic_cnns.analysis import cost
from keras_classic_cnns.application.auxiliary import without_aux
from keras_classic_cnns.core import errors, files, validate
from keras_classic_cnns.experiments.entrants import BATCH_SIZE, ENTRANTS, Entrant
from keras_classic_cnns.experiments.race_page import write_page
from keras_classic_cnns.experiments.race_row import Row
from keras_classic_cnns.experiments.race_settings import RaceSettings
from keras_classic_cnns.training import TrainSettings, load_trained, train
from keras_classic_cnns.training.build import labelled, make_plan
from keras_classic_cnns.training.evaluation import count
from keras_classic_cnns.training.run_directory import RunDirectory

# What a run takes beside its epochs, in seconds, where no run of the same network tells: building,
# tracing and loading the deepest networks.
_AROUND = 60.0


@dataclasses.dataclass(frozen=True)
class Heat:
    """One run of the race.

    Args:
        entrant: The network.
        train: What `training.train` is given.
        result: The file that holds its row once it is finished.
    """

    entrant: Entrant
    train: TrainSettings
    result: Path

    def finished(self) -> Row | None:
        """The row of an earlier call, or `None`.

        Raises:
            ValueError: The file is of a run with other settings.
        """
        if not self.result.exists():
            return None
        row = Row(**json.loads(self.result.read_text(encoding="utf-8")))
        if row.settings != _plain(self.train):
            raise ValueError(
                "The folder holds a result of other settings. Remove it, or take another `out`. "
                f"{validate.received('out', str(self.result))}"
            )
        return row

    def keep(self, row: Row) -> None:
        """Writes the row; after that the checkpoints of the run are of no use."""
        with files.atomic_write(self.result) as file:
            json.dump(dataclasses.asdict(row), file, indent=2)
            file.write("\n")
        for checkpoint in Path(self.train.out).glob("*.keras"):
            checkpoint.unlink()


@dataclasses.dataclass(frozen=True)
class RaceResult:
    """What a call of `race` came to.

    Args:
        rows: The finished runs, those of earlier calls included.
        runs: How many runs the race has.
        page: The page that was written, or `None` without a row.
        stopped: Why it is not complete, or `None`.
        exit_code: 0, or 128 plus the number of the signal that stopped it.
    """

    rows: tuple[Row, ...]
    runs: int
    page: Path | None
    stopped: str | None = None
    exit_code: int = 0


def race(settings: RaceSettings, entrants: Sequence[Entrant] = ENTRANTS) -> RaceResult:
    """Runs the race, or goes on with it, and writes its page and picture.

    The seeds take turns, so that a race that is cut short has a row of every network first.

    Args:
        settings: Which networks on which data, and where to.
        entrants: All that may take part.

    Returns:
        The rows, and whether the race is complete.

    Raises:
        ValueError: A name is unknown, or the folder holds results of other settings.
        MissingDataError: The data set is not on this machine.
    """
    begun = time.perf_counter()
    heats = _heats(settings, _chosen(settings, entrants))
    rows = [row for heat in heats if (row := heat.finished())]
    stopped, code = None, 0
    for number, heat in enumerate(heats, 1):
        if heat.finished():
            continue
        left = settings.limit_minutes * 60 - (time.perf_counter() - begun)
        if (needed := _expected_seconds(heat, rows)) > left:
            stopped = f"{heat.train.model} would take {needed:.0f} s of the {left:.0f} s left"
            break
        row, signal = _run(heat)
        if signal is not None:
            stopped, code = f"stopped by {signal.name}", 128 + signal
            break
        heat.keep(row)
        rows.append(row)
        print(f"[{number}/{len(heats)}] {row}", flush=True)
    page = _write(settings, rows, len(heats))
    if stopped:
        print(f"{len(rows)} of {len(heats)} runs: {stopped}. The same command goes on.", flush=True)
    return RaceResult(tuple(rows), len(heats), page, stopped, code)


def _write(settings: RaceSettings, rows: Sequence[Row], runs: int) -> Path | None:
    if not rows:
        return None
    page = Path(settings.write_page or Path(settings.out, settings.dataset) / "history_race.md")
    write_page(rows, runs, page)
    print(f"Page: {page}", flush=True)
    return page


def _chosen(settings: RaceSettings, entrants: Sequence[Entrant]) -> list[Entrant]:
    known = {entrant.model: entrant for entrant in entrants}
    for name in settings.only:
        if name not in known:
            raise ValueError(
                f"The entrants are {', '.join(known)}. {errors.close_matches(name, known)}"
                f"{validate.received('only', name)}"
            )
    return [known[name] for name in settings.only] if settings.only else list(entrants)


def _heats(settings: RaceSettings, entrants: Sequence[Entrant]) -> list[Heat]:
    """All runs of the race, the seeds taking turns."""
    source = data.load(settings.dataset, "train", data_dir=settings.data_dir)
    images = min(source.num_examples, settings.images)
    learned = images * 9 // 10
    side = min((side or 1 for side in source.dataset.element_spec[0].shape[:2]), default=1)
    common = {
        "dataset": settings.dataset,
        "train_split": f"train[:{learned}]",
        "eval_split": f"train[{learned}:{images}]",
        "data_dir": settings.data_dir,
        "batch_size": BATCH_SIZE,
        "progress": "none",
    }
    heats = []
    for seed in settings.seeds:
        for entrant in entrants:
            folder = Path(settings.out, settings.dataset, f"{entrant.model}-seed{seed}")
            words = entrant.settings(learned, side) | {"seed": int(seed), "out": str(folder)}
            heats.append(
                Heat(entrant, TrainSettings(**common, **words), folder.with_suffix(".json"))
            )
    return heats


def _expected_seconds(heat: Heat, rows: Sequence[Row]) -> float:
    """How long a run will take: as the longest one of the same network, or as was measured."""
    before = [row.seconds for row in rows if row.model == heat.train.model and row.seconds]
    return max(before, default=_AROUND + heat.entrant.seconds * heat.train.epochs)


def _run(heat: Heat) -> tuple[Row | None, Any]:
    """Trains and tests; the row, or the signal that stopped it."""
    processor, wall = time.process_time(), time.perf_counter()
    run = RunDirectory(heat.train.out)
    resumed = run.has_begun
    error = None
    try:
        signal = train(heat.train).stopped_by
        if signal is not None:
            return None, signal
    except errors.DivergedError as diverged:
        error = str(diverged)
    # of a run in parts nobody knows what all of them took
    spent = None if resumed else time.process_time() - processor
    seconds = None if resumed else time.perf_counter() - wall
    row = _row(heat, run, error, spent, seconds)
    keras.backend.clear_session()
    gc.collect()
    return row, None


def _row(
    heat: Heat, run: RunDirectory, error: str | None, spent: float | None, seconds: float | None
) -> Row:
    plan = make_plan(heat.train)
    test = labelled(data.load(heat.train.dataset, "test", data_dir=heat.train.data_dir))
    accuracy = None
    if error is None:
        model = load_trained(run.path).model
        crop = plan.recipe.crop_fraction  # as the run was validated
        batches = data.eval_batches(test, **plan.batches(), crop_fraction=crop)
        _, confusion, _ = count(model, batches)
        accuracy = float(confusion.trace() / confusion.sum())
    else:
        model = without_aux(plan.build())
    totals = cost(model).totals
    return Row(
        model=plan.spec.name,
        input_shape=list(plan.input_shape),
        parameters=totals.parameters,
        macs=totals.macs,
        recipe=plan.recipe.name,
        learning_rate=plan.recipe.learning_rate,
        train_images=plan.train.num_examples,
        test_images=test.num_examples,
        classes=len(test.labels),
        accuracy=accuracy,
        processor_seconds=spent,
        seconds=seconds,
        machine=machine(),
        error=error,
        settings=_plain(heat.train),
    )


def machine() -> str:
    """What the runs run on: processor, cores that this process may use, versions."""
    name = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = named[0].partition(":")[2].strip() if named else name
    cores = len(os.sched_getaffinity(0))
    tensorflow = importlib.metadata.version("tensorflow")
    return f"{name}, {cores} cores; TensorFlow {tensorflow}, Keras {keras.__version__}"


def _plain(settings: TrainSettings) -> dict[str, Any]:
    """Settings as JSON has them, without the folder, which may be moved."""
    plain = json.loads(json.dumps(dataclasses.asdict(settings)))
    del plain["out"], plain["data_dir"]
    return plain
