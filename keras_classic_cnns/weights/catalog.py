"""The catalog of public weights: which files fit our graphs, where they are, how to use them.

`catalog.json` has the entries by model. An entry belongs to one graph: the model with the options
that the entry names; every other option has its default. Options that act in training only never
matter. Each graph that has weights has one entry with the tag `"imagenet"` (or `"cifar10"` and
`"cifar100"`); other trainings of the same graph, and other copies of the same weights, have the
names that their publishers give them.

What is not in it, though it is public: nets whose graph is none of ours (ResNet50V2 of Keras,
resnet50d, Xception, MXNet's pre-activation nets with a normalisation of the image, DenseNets for
CIFAR that compress where the paper does not, nets with normalisation folded away), weights that may
not be used commercially (`fb_ssl`, `fb_swsl`), files without their classifier, and files that only
a server without https offers.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.preprocessing import Preprocessing, get_mode
from keras_classic_cnns.registry import ModelSpec, get_spec
from keras_classic_cnns.weights.digest import Digest
from keras_classic_cnns.weights.entry import Entry, EntryTable, graph
from keras_classic_cnns.weights.remote import RemoteFile

DEFAULT_TAG = "imagenet"
CATALOG = Path(__file__).with_name("catalog.json")


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All entries, by model."""
    return read_catalog(CATALOG)


def read_catalog(path: Path) -> tuple[Entry, ...]:
    """The entries of a file that is written like `catalog.json`.

    Args:
        path: The file.

    Raises:
        ValueError: It is not JSON, or a value is not allowed.
    """
    table = json.loads(path.read_text(encoding="utf-8"))
    modes = {name: _record(name, values) for name, values in table["preprocessing"].items()}
    return tuple(
        _entry(model, values, modes) for model, rows in table["models"].items() for values in rows
    )


def list_weights(model: str | None = None) -> EntryTable:
    """Lists the public weights, with accuracy in percent, size and licence.

    Args:
        model: A name from `list_models`, or a constructor's name; `None` for all models.

    Returns:
        The entries, a tuple that prints as a table.

    Raises:
        ValueError: There is no model of that name.

    Example:
        >>> [entry.tag for entry in list_weights("resnext101")]
        ['imagenet', 'torchvision', 'torchvision_v2']
    """
    if model is None:
        return EntryTable(entries())
    return EntryTable(_entries_of(get_spec(model)))


def default_weights(spec: ModelSpec) -> str | None:
    """The tag of the weights that a model has by default.

    Args:
        spec: The record of the model, which need not be registered yet.

    Returns:
        `"imagenet"` where there are such weights for the model without any options, else `None`.

    Example:
        >>> default_weights(get_spec("resnet50")), default_weights(get_spec("resnet20"))
        ('imagenet', None)
    """
    tags = {entry.tag for entry in _matching(spec, {})}
    return DEFAULT_TAG if DEFAULT_TAG in tags else None


def usual_preprocessing(spec: ModelSpec, options: Mapping[str, Any]) -> Preprocessing | None:
    """How images are scaled for all public weights of a graph.

    Args:
        spec: The record of the model.
        options: The model's options. Those that are missing have their defaults.

    Returns:
        The record; `None` where there are no such weights, or they do not agree.

    Example:
        >>> usual_preprocessing(get_spec("googlenet"), {"variant": "bn"}).name
        'tf'
    """
    records = {entry.preprocessing for entry in _matching(spec, options)}
    return records.pop() if len(records) == 1 else None


def find(model: str, tag: str, options: Mapping[str, Any] = MappingProxyType({})) -> Entry:
    """The entry of a model with certain options.

    Args:
        model: A name from `list_models`, or a constructor's name.
        tag: `"imagenet"`, or another tag of the model.
        options: The model's options. Those that are missing have their defaults.

    Raises:
        ValueError: The model has no such tag, or not with these options; the message names the
            tags, or the options that have it.

    Example:
        >>> find("senet154", "imagenet", {"variant": "timm"}).source
        'timm senet154.gluon_in1k'
    """
    spec = get_spec(model)
    found = [entry for entry in _matching(spec, options) if entry.tag == tag]
    if found:
        return found[0]
    tags = dict.fromkeys(entry.tag for entry in _entries_of(spec))
    others = dict.fromkeys(entry.graph for entry in _entries_of(spec) if entry.tag == tag)
    if others:
        reason = (
            f"There are no {tag!r} weights for {graph(spec, options)}, but for {', '.join(others)}."
        )
    elif tags:
        reason = (
            f"{spec.constructor} has no weights of this name. {errors.close_matches(tag, tags)}"
            f"It has {', '.join(map(repr, tags))}."
        )
    else:
        reason = f"There are no public weights for {spec.constructor}."
    raise ValueError(
        f"{reason} `weights=None` starts at random. {validate.received('weights', tag)}"
    )


def _record(name: str, values: dict[str, Any]) -> Preprocessing:
    return Preprocessing(name, tuple(values["mean"]), tuple(values["std"]))


def _entry(model: str, values: dict[str, Any], modes: dict[str, Preprocessing]) -> Entry:
    values = dict(values)
    file = dict(values.pop("file"))
    digest = file.pop("digest", None)
    mode = values.pop("preprocessing", "torch")
    return Entry(
        model=model,
        file=RemoteFile(
            urls=tuple(file.pop("urls")),
            digest=None if digest is None else Digest(*digest.split(":")),
            **file,
        ),
        preprocessing=modes.get(mode) or get_mode(mode),
        options=MappingProxyType(values.pop("options", {})),
        **values,
    )


def _entries_of(spec: ModelSpec) -> list[Entry]:
    return [entry for entry in entries() if entry.model == spec.name]


def _matching(spec: ModelSpec, options: Mapping[str, Any]) -> list[Entry]:
    """The entries of a model with certain options."""
    wanted = graph(spec, options)
    return [entry for entry in _entries_of(spec) if graph(spec, entry.options) == wanted]
