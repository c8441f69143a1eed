"""Finds a trained model with all that belongs to it, from a run directory or a `.keras` file."""

import dataclasses
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from keras_classic_cnns import registry
from keras_classic_cnns.application.auxiliary import without_aux
from keras_classic_cnns.core import validate
from keras_classic_cnns.preprocessing import Preprocessing, get_mode
from keras_classic_cnns.training.record import preprocessing_of
from keras_classic_cnns.training.run_directory import RunDirectory, newest_session
from keras_classic_cnns.weights import (
    preprocessing_for,
    read_preprocessing,
    remember_preprocessing,
)


@dataclasses.dataclass(frozen=True)
class Trained:
    """A trained model and what it takes to use it.

    Args:
        model: The model.
        path: The file it came from.
        preprocessing: How its images are scaled.
        labels: The class names.
        run: The part `run` of the run's `settings.json`, or `None` for a file of no run.
        data_dir: Where the run's data lay, or `None` for the usual folder.
    """

    model: keras.Model
    path: Path
    preprocessing: Preprocessing
    labels: tuple[str, ...]
    run: Mapping[str, Any] | None = None
    data_dir: str | None = None

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width to resize images to: the model's, else its architecture's default.

        Raises:
            ValueError: The model takes any size and is no architecture of this package.
        """
        size = self.model.input_shape[1:3]
        if None not in size:
            return size
        spec = registry.spec_of(self.model)
        if spec is None:
            raise ValueError(
                "The model takes images of any size and is no architecture of this package, so "
                "there is no size to resize them to. Give it one and save it again: image = "
                'keras.Input((224, 224, 3), name="image"); keras.Model(image, model(image)). '
                f"{validate.received('model.input_shape', self.model.input_shape)}"
            )
        return tuple(side or spec.input_size for side in size)

    @property
    def crop_fraction(self) -> float | None:
        """The share of an image that its run was validated on; `None` is the largest square."""
        return self.run and self.run.get("crop_fraction")

    @property
    def channels(self) -> int:
        """Channels of the model's input."""
        return self.model.input_shape[3]


def load_trained(
    path: str | Path,
    *,
    checkpoint: str = "best",
    preprocessing: str | None = None,
    labels: str | Path | None = None,
) -> Trained:
    """Loads a trained model.

    Args:
        path: A run directory of `train`, or a `.keras` file. A file that lies in a run directory
            belongs to that run.
        checkpoint: Which one of a run directory: `"best"` or `"last"`.
        preprocessing: The mode its images need. Default: the record in the JSON file beside
            the `.keras` file, else the run's, else what `preprocessing_for` knows of the model:
            the default of the architecture of that name, with a warning.
        labels: A text file with the class names, one a line. Default: the run's, else the
            numbers of the classes.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: The file is damaged, its preprocessing is not known, or the labels do not
            fit.
    """
    path = Path(path)
    validate.one_of("checkpoint", checkpoint, ("best", "last"))
    if path.is_dir():
        run = RunDirectory(path)
        record = run.read_record()
        path = getattr(run, checkpoint)
    else:
        run = RunDirectory(path.parent)
        record = run.read_record() if run.settings.exists() else None
    model = read_model(path)
    run_part = record["run"] if record else None
    remember_preprocessing(model, _preprocessing(model, path, preprocessing, run_part))
    return Trained(
        model=model,
        path=path,
        preprocessing=preprocessing_for(model),
        labels=_labels(model, labels, run),
        run=run_part,
        data_dir=newest_session(record)["settings"]["data_dir"] if record else None,
    )


def read_model(path: Path) -> keras.Model:
    """Reads a `.keras` file without its auxiliary heads, with errors that say what is wrong."""
    if not path.is_file():
        hint = ""
        if path.with_name("last.keras").is_file():
            hint = "No epoch has finished yet; checkpoint=last takes what was saved last. "
        raise FileNotFoundError(
            f"There is no such model. {hint}{validate.received('path', str(path))}"
        )
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"The file must be a .keras model; it is another one or damaged. "
            f"{validate.received('path', str(path))}"
        )
    return without_aux(keras.models.load_model(path, compile=False))


def _preprocessing(
    model: keras.Model, path: Path, mode: str | None, run: Mapping[str, Any] | None
) -> Preprocessing:
    if mode is not None:
        return get_mode(mode, "preprocessing")
    recorded = read_preprocessing(path)
    if recorded is None and run is not None:
        recorded = preprocessing_of(run)
    return preprocessing_for(model) if recorded is None else recorded


def _labels(model: keras.Model, path: str | Path | None, run: RunDirectory) -> tuple[str, ...]:
    classes = model.output_shape[-1]
    if path is None and not (run.settings.exists() and run.labels.exists()):
        return tuple(str(index) for index in range(classes))
    path = Path(path or run.labels)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no such file of labels. {validate.received('labels', str(path))}"
        )
    labels = tuple(path.read_text(encoding="utf-8").splitlines())
    if len(labels) != classes:
        raise ValueError(
            f"The file must name the model's {classes} classes, one a line, and has "
            f"{len(labels)}. {validate.received('labels', str(path))}"
        )
    return labels
