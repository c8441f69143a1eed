"""Trained weights that come with the package, for use without a network.

`bundled/` has files of weights, each with a record beside it that says what it is: a JSON object
with `model`, `tag`, `options` (those of the graph, by name), `file` and its `sha256`, the mode of
`preprocessing`, and how the weights came about.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_classic_cnns.core import validate
from keras_classic_cnns.preprocessing import Preprocessing, get_mode
from keras_classic_cnns.weights.digest import hash_file

_FOLDER = Path(__file__).with_name("bundled")


def bundled_weights(model: str, tag: Any, options: Mapping[str, Any]) -> Path | None:
    """The file of weights that comes with the package under a tag.

    Args:
        model: The registry name of the model.
        tag: What `weights=` was given.
        options: The model's options.

    Returns:
        A `.weights.h5` file, or `None` where the model has no bundled weights of this tag.

    Raises:
        ValueError: They are of another variant, or the installed file is damaged.

    Example:
        >>> bundled_weights("lenet5", "digits", {"variant": "modern"}).name
        'lenet5_digits.weights.h5'
    """
    record = _record(model, tag)
    if record is None:
        return None
    for name, value in record["options"].items():
        if options[name] != value:
            raise ValueError(
                f"The {tag!r} weights of {model!r} belong to {name}={value!r}; there are none for "
                f"{name}={options[name]!r}. `weights=None` starts at random. "
                f"{validate.received('weights', tag)}"
            )
    path = _FOLDER / record["file"]
    if hash_file(path).sha256.value != record["sha256"]:
        raise ValueError(
            f"The file {path} is not the one that came with the package: its sha256 is not "
            f"{record['sha256']}. Install the package anew. {validate.received('weights', tag)}"
        )
    return path


def bundled_preprocessing(model: str, tag: Any) -> Preprocessing | None:
    """How images were scaled for the weights that come with the package under a tag.

    Args:
        model: The registry name of the model.
        tag: What `weights=` was given.

    Returns:
        The record, or `None` where the model has no bundled weights of this tag.

    Example:
        >>> bundled_preprocessing("lenet5", "digits").name
        'lenet'
    """
    record = _record(model, tag)
    return None if record is None else get_mode(record["preprocessing"])


def bundled_tags(model: str) -> list[str]:
    """The tags of the weights of a model that come with the package.

    Args:
        model: The registry name of the model.
    """
    return [record["tag"] for record in _records() if record["model"] == model]


def _record(model: str, tag: Any) -> dict[str, Any] | None:
    return next((r for r in _records() if (r["model"], r["tag"]) == (model, tag)), None)


@functools.cache
def _records() -> list[dict[str, Any]]:
    files = sorted(_FOLDER.glob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]
