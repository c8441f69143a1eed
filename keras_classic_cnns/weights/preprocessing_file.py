"""How images were scaled for a network, as a small JSON file beside the file of the network."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from keras_classic_cnns.core import files, validate
from keras_classic_cnns.preprocessing import Preprocessing

ENDING = ".preprocessing.json"
# What a name loses before it gets the ending; the longest first
_ENDINGS = (".weights.h5", ".keras", ".h5", ".safetensors", ".pth", ".pt", ".bin", ".onnx")
_LARGEST = 4096  # bytes; what `write_preprocessing` writes has about 200


def preprocessing_path(path: str | os.PathLike) -> Path:
    """Where the record of a model or weights file lies.

    Args:
        path: The file.

    Returns:
        The path beside it that ends in `.preprocessing.json`. Files that differ in nothing but
        their kind share it: they hold the same network.

    Example:
        >>> preprocessing_path("net.keras").name, preprocessing_path("net.weights.h5").name
        ('net.preprocessing.json', 'net.preprocessing.json')
    """
    path = Path(path)
    ending = next((ending for ending in _ENDINGS if path.name.endswith(ending)), "")
    return path.with_name(path.name.removesuffix(ending) + ENDING)


def write_preprocessing(path: str | os.PathLike, preprocessing: Preprocessing) -> Path:
    """Writes beside a model or weights file how its images are scaled.

    A reader sees the old record or the whole new one.

    Args:
        path: The file of the model or its weights; it need not exist yet.
        preprocessing: The record.

    Returns:
        The path of the JSON file.

    Raises:
        TypeError: `preprocessing` is not a record.

    Example:
        >>> import tempfile
        >>> from keras_classic_cnns.preprocessing import MODES
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     written = write_preprocessing(f"{folder}/net.keras", MODES["tf"])
        ...     read_preprocessing(f"{folder}/net.keras") == MODES["tf"]
        True
    """
    record = preprocessing_as_json(preprocessing)
    target = preprocessing_path(path)
    with files.atomic_write(target) as file:
        file.write(json.dumps(record, indent=2) + "\n")
    return target


def read_preprocessing(path: str | os.PathLike) -> Preprocessing | None:
    """Reads the record that lies beside a model or weights file.

    Args:
        path: The file of the model or its weights.

    Returns:
        The record, or `None` where there is none beside it.

    Raises:
        ValueError: There is one, but it is damaged or no such record.
    """
    source = preprocessing_path(path)
    try:
        with open(source, "rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    try:
        if len(content) > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST} bytes")
        return preprocessing_from_json(json.loads(content.decode("utf-8")))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(
            f"{source} does not say how images are scaled: {error}. Remove it, or write it anew "
            "with `keras_classic_cnns.weights.write_preprocessing`. "
            f"{validate.received('path', str(path))}"
        ) from error


def preprocessing_as_json(preprocessing: Preprocessing) -> dict[str, Any]:
    """A record in the types of JSON.

    Raises:
        TypeError: It is not a record.
    """
    if not isinstance(preprocessing, Preprocessing):
        raise TypeError(
            "`preprocessing` must be a keras_classic_cnns.preprocessing.Preprocessing. "
            f"{validate.received('preprocessing', preprocessing)}"
        )
    values = dataclasses.asdict(preprocessing)
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def preprocessing_from_json(values: Any) -> Preprocessing:
    """The record that `preprocessing_as_json` described.

    Raises:
        ValueError: A key is missing or unknown, or a value is not allowed.
        TypeError: A value is of another type.
    """
    keys = [field.name for field in dataclasses.fields(Preprocessing)]
    if not isinstance(values, dict) or values.keys() != set(keys):
        raise ValueError(f"it must be a JSON object of {', '.join(keys)}")
    return Preprocessing(**values)
