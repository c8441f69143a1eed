"""The folder of one training run: what lies where, and whether a command may go on in it."""

import contextlib
import csv
import fcntl
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_classic_cnns.core import files, validate
from keras_classic_cnns.preprocessing import Preprocessing
from keras_classic_cnns.weights import write_preprocessing

_MISSING = "nothing"
_LEFTOVERS = ".part-*"  # what core.files writes under until a file is whole
_SESSION = ("command", "settings", "versions")  # what is recorded of each process
# Words of a recipe about itself: a run may go on after they were reworded.
_PROSE = tuple(
    f"recipe.{word}"
    for word in ("source", "differences", "initializer", "dropout", "expected_error")
)


class RunDirectory:
    """The files of one run.

    ```
    settings.json        what was asked for, what the recipe made of it, and the versions; of
                         each process that went on with the run its own, under `resumed`
    labels.txt           the class names, one a line
    last.keras           the newest state, with the optimizer's, from which a rerun goes on
    previous.keras       the state before it, for the case that the newest is damaged
    best.keras           the state of the epoch with the best validation accuracy
    <one>.preprocessing.json    beside each: how its images are scaled
    history.csv          one row an epoch
    tensorboard/         the same for TensorBoard
    learning_curve.png   and as a picture
    .lock                held by the process that trains; removed when it ends
    worker-1/ ...        of each further worker its own state and history
    ```

    Args:
        path: The folder; it need not exist yet.
    """

    WORKER = "worker-"

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.settings = self.path / "settings.json"
        self.labels = self.path / "labels.txt"
        self.last = self.path / "last.keras"
        self.previous = self.path / "previous.keras"
        self.best = self.path / "best.keras"
        self.history = self.path / "history.csv"
        self.tensorboard = self.path / "tensorboard"
        self.curve = self.path / "learning_curve.png"
        self.lock = self.path / ".lock"

    @property
    def has_begun(self) -> bool:
        """Whether the folder holds a run that saved something."""
        return self.settings.exists() and any(
            path.exists() for path in (self.last, self.previous, self.history)
        )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps every other process out of the folder while a `with` block runs.

        The folder is made where it is missing, and removed again where the block leaves it
        empty. A process that is killed gives its lock back; the file it leaves means nothing.

        Raises:
            ValueError: Another process is at work there.
        """
        made = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        handle = self._lock()
        try:
            yield
        finally:
            self.lock.unlink(missing_ok=True)
            os.close(handle)
            with contextlib.suppress(OSError):  # not empty
                for folder in made:
                    folder.rmdir()

    def _lock(self) -> int:
        while True:
            handle = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(handle)
                raise ValueError(
                    "The run directory is in use: another process trains there. Wait for it, stop "
                    f"it, or take another. {validate.received('out', str(self.path))}"
                ) from error
            # the process before may have removed the file after it was opened here
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), os.stat(self.lock)):
                    return handle
            os.close(handle)

    def check(self, record: Mapping[str, Any]) -> None:
        """Checks that the run that `record` describes may use this folder; writes nothing.

        Args:
            record: The content for `settings.json`; its parts `run` and `recipe` decide whether
                this is the run that the folder holds. One that saved nothing yet does not count.

        Raises:
            ValueError: The folder holds another run, or things that are no run's.
        """
        if self.has_begun:
            check_same_run(self.read_record(), record, self.path)
        elif not self.settings.exists() and self._others():
            raise ValueError(
                "The run directory must be new, empty or that of a run; this one holds other "
                f"files and no settings.json. {validate.received('out', str(self.path))}"
            )

    def _others(self) -> set[Path]:
        ours = (*self.path.glob(_LEFTOVERS), *self.path.glob(f"{self.WORKER}*"))
        return set(self.path.glob("*")) - {self.lock, *ours}

    def prepare(
        self, record: Mapping[str, Any], labels: Sequence[str], preprocessing: Preprocessing
    ) -> None:
        """Makes the folder ready: without leftovers, with all that is known before the training.

        Args:
            record: The content for `settings.json`. Where a run goes on, its first record stays,
                with the recipe in its new length, and the command, settings and versions of this
                process are added to the list `resumed`.
            labels: The class names.
            preprocessing: How the images are scaled; it is written where the models will lie.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self.remove_leftovers()
        if self.has_begun:
            first = self.read_record()
            session = {part: record[part] for part in _SESSION}
            sessions = [*first.get("resumed", []), session]
            record = {**first, "recipe": record["recipe"], "resumed": sessions}
        with files.atomic_write(self.settings) as file:
            json.dump(record, file, indent=2)
            file.write("\n")
        with files.atomic_write(self.labels) as file:
            file.writelines(f"{label}\n" for label in labels)
        for model in (self.last, self.best):
            write_preprocessing(model, preprocessing)

    def remove_leftovers(self) -> None:
        """Removes what a process that was killed while it wrote a file has left."""
        for leftover in self.path.glob(_LEFTOVERS):
            leftover.unlink(missing_ok=True)

    def read_record(self) -> dict[str, Any]:
        """The content of `settings.json`.

        Raises:
            FileNotFoundError: The folder is no run directory.
            ValueError: The file is damaged.
        """
        if not self.settings.exists():
            raise FileNotFoundError(
                f"This folder holds no settings.json, so it is not a run directory of `train`. "
                f"{validate.received('path', str(self.path))}"
            )
        try:
            return json.loads(self.settings.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise ValueError(
                f"The run's settings.json is damaged ({error}). "
                f"{validate.received('path', str(self.settings))}"
            ) from error

    def read_history(self) -> list[dict[str, float]]:
        """The rows of `history.csv`, oldest first; none before the first epoch has ended."""
        if not self.history.exists():
            return []
        with open(self.history, newline="", encoding="utf-8") as file:
            return [
                {key: int(text) if key in ("epoch", "step") else float(text) for key, text in row}
                for row in (row.items() for row in csv.DictReader(file))
            ]

    def write_history(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Writes `history.csv` anew, in one piece."""
        text = io.StringIO(newline="")
        if rows:
            writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        with files.atomic_write(self.history) as file:
            file.write(text.getvalue())


def newest_session(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The command, settings and versions of the process that trained last, of a run's record."""
    return [record, *record.get("resumed", [])][-1]


def rank(row: Mapping[str, float]) -> tuple[float, float]:
    """Orders epochs: by validation accuracy, and where that is equal by validation loss."""
    return row["val_accuracy"], -row["val_loss"]


def best_row(rows: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """The row of the best epoch, the first of equals: the one that `best.keras` holds."""
    return max(rows, key=rank)


def check_same_run(old: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> None:
    """Checks that a command describes the run that a folder holds, or a longer one.

    A longer run is the same one with more epochs: from where it is, it follows the learning rate
    schedule of the new length. That is not what a run of this length from the start would have
    done, since its first part followed the shorter schedule.

    Args:
        old: The folder's record.
        new: The command's record.
        path: The folder, for the message.

    Raises:
        ValueError: Any other setting differs; all that do are listed.
    """
    ignored = _PROSE
    if new["recipe"]["epochs"] > old["recipe"]["epochs"]:
        ignored += ("recipe.epochs", "recipe.schedule")
    before, after = (
        flatten({part: record[part] for part in ("run", "recipe")}) for record in (old, new)
    )
    differences = [
        f"  {key}: {before.get(key, _MISSING)!r} there, {after.get(key, _MISSING)!r} now"
        for key in {**before, **after}
        if before.get(key, _MISSING) != after.get(key, _MISSING) and not key.startswith(ignored)
    ]
    if differences:
        listed = "\n".join(differences)
        raise ValueError(
            f"The run directory holds a run with other settings:\n{listed}\n"
            "Take the same settings to go on with it (only the epochs may grow), or another "
            f"directory for a new run. {validate.received('out', str(path))}"
        )


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turns nested mappings into one, with dotted keys.

    Example:
        >>> flatten({"recipe": {"epochs": 2}, "seed": 0})
        {'recipe.epochs': 2, 'seed': 0}
    """
    flat = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
