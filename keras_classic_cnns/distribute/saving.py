"""Where several workers write: one model file for all, and a directory for each."""

import os
import tempfile
from pathlib import Path
from typing import Any

import keras

from keras_classic_cnns.core import files, validate
from keras_classic_cnns.weights import preprocessing_for, write_preprocessing


def save(model: Any, path: str | os.PathLike, placement: Any) -> None:
    """Saves a model once, from all workers together.

    Every worker must call it, since to read a variable may take an exchange with the others. The
    chief writes the file, and beside it how images are scaled where that is known; what the others
    write is thrown away.

    Args:
        model: The model.
        path: A path that ends in `.keras`; that of the chief counts.
        placement: What `strategy` returned.

    Raises:
        TypeError: `model` is not a `keras.Model`.
        ValueError: `path` does not end in `.keras`.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    if Path(path).suffix != ".keras":
        raise ValueError(f"`path` must end in .keras. {validate.received('path', str(path))}")
    if not placement.is_chief:
        with tempfile.TemporaryDirectory() as folder:
            model.save(Path(folder) / "model.keras")
        return
    with files.atomic_path(path) as temporary:
        model.save(temporary)
    try:
        preprocessing = preprocessing_for(model)
    except ValueError:  # a model of the user's own
        return
    write_preprocessing(path, preprocessing)


def worker_directory(directory: str | os.PathLike, placement: Any) -> Path:
    """The directory of this worker's checkpoints: two that share one lock each other out.

    It is for a loop of one's own; `train` keeps the chief's files in the run directory itself.

    Args:
        directory: That of the run.
        placement: What `strategy` returned.

    Returns:
        `directory` itself with one worker, else `directory/worker-0` and so on; it is made.
    """
    path = Path(directory)
    if placement.workers > 1:
        path /= f"worker-{placement.worker}"
    path.mkdir(parents=True, exist_ok=True)
    return path
