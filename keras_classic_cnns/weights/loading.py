"""Loads a weights file into a freshly built model."""

import json
import logging
import os
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from keras_classic_cnns.core import validate
from keras_classic_cnns.weights.bundled import bundled_weights

ENDINGS = (".keras", ".weights.h5")

_log = logging.getLogger(__name__)


def check_weights(
    weights: Any, model_name: str, options: Mapping[str, Any] = MappingProxyType({})
) -> Path | None:
    """Checks the `weights` argument before anything is built.

    Args:
        weights: `None`, the path of a `.keras` or `.weights.h5` file, or the tag of weights that
            come with the package.
        model_name: The registry name.
        options: The model's options.

    Returns:
        The path, or `None`.

    Raises:
        TypeError: Neither `None` nor a path.
        ValueError: A tag that there is not, a file that is not there, or one of another kind.
    """
    if weights is None:
        return None
    if not isinstance(weights, str | os.PathLike):
        raise TypeError(
            f"`weights` must be None or a path. {validate.received('weights', weights)}"
        )
    bundled = bundled_weights(model_name, weights, options)
    if bundled is not None:
        return bundled
    path = Path(weights)
    if not str(path).endswith(ENDINGS):
        raise ValueError(
            f"`weights` must be None (random initialisation) or the path of a "
            f"{' or '.join(ENDINGS)} file; there are no public weights for {model_name!r} in this "
            f"version. {validate.received('weights', str(weights))}"
        )
    if not path.is_file():
        raise ValueError(
            f"The file of `weights` does not exist. {validate.received('weights', str(weights))}"
        )
    return path


def load_weights(model: Any, path: Path, head: list[Any]) -> None:
    """Loads a file into a model; where only the head does not fit, all but the head.

    A head that does not fit (a file of a net with other classes) keeps its random weights, and a
    warning says so.

    Args:
        model: A freshly built model.
        path: A `.keras` or `.weights.h5` file of the same architecture.
        head: The layers after the body, which may stay behind.

    Raises:
        ValueError: The file is not readable, or more than the head differs.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = _weights_file(path, Path(folder))
        if file is not path:
            _check_layers(model, path)
        try:
            _load(model, file)
            return
        except (ValueError, KeyError, OSError) as error:
            reason = error
        try:
            if not head:
                raise reason
            _load(model, file, objects_to_skip=head)
        except (ValueError, KeyError, OSError):
            raise ValueError(
                f"The file does not hold the weights of this model ({model.name}): "
                f"{_summary(reason)} {validate.received('weights', str(path))}"
            ) from reason
    _log.warning(
        "%s: all weights were loaded but those of %s, which start at random. %s",
        path,
        ", ".join(repr(layer.name) for layer in head if layer.weights),
        _summary(reason),
    )


def _check_layers(model: Any, path: Path) -> None:
    """Compares the names of stem and stages: nets with other layers may have equal shapes."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    layers = config.get("config", {}).get("layers", [])
    theirs = {str(layer.get("config", {}).get("name")) for layer in layers}
    ours = {layer.name for layer in model.layers}
    differing = sorted(name for name in ours ^ theirs if name.startswith(("stem_", "stage")))
    if differing:
        raise ValueError(
            f"The file is of another architecture than {model.name}: only one of them has the "
            f"layer {differing[0]!r}. {validate.received('weights', str(path))}"
        )


def _load(model: Any, file: Path, **options: Any) -> None:
    with warnings.catch_warnings():
        # Keras looks for every layer a second time, in a container that no file has
        warnings.filterwarnings("ignore", message="Skipping nested container")
        model.load_weights(file, **options)


def _weights_file(path: Path, folder: Path) -> Path:
    """The `.weights.h5` inside of a `.keras` archive, or the file itself."""
    if path.suffix != ".keras":
        return path
    try:
        with zipfile.ZipFile(path) as archive:
            archive.getinfo("config.json")
            return Path(archive.extract("model.weights.h5", folder))
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise ValueError(
            f"Not a .keras file, or a damaged one: {error}. "
            f"{validate.received('weights', str(path))}"
        ) from error


def _summary(error: BaseException) -> str:
    """Keras's message on one line, without its list of objects."""
    return " ".join(str(error).split("List of objects")[0].split())
