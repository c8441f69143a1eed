"""The catalog of public weights: which files fit our graphs, where they are, how to use them.

`catalog.json` has the entries by model. An entry belongs to one graph: the model with the options
that the entry names; every other option has its default. Options of `TRAINING_OPTIONS` leave
weights and inference as they are, and never matter. Each graph that has weights has one entry with
the tag `"imagenet"` (or `"cifar10"` and `"cifar100"`); other trainings of the same graph, and other
copies of the same weights, have the names that their publishers give them.

What is not in it, though it is public: nets whose graph is none of ours (ResNet50V2 of Keras,
resnet50d, Xception, MXNet's pre-activation nets with a normalisation of the image, DenseNets for
CIFAR that compress where the paper does not, nets with normalisation folded away), weights that may
not be used commercially (`fb_ssl`, `fb_swsl`), files without their classifier, and files that only
a server without https offers.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.preprocessing import Preprocessing, get_mode
from keras_classic_cnns.registry import ModelSpec, get_spec
from keras_classic_cnns.weights.digest import Digest
from keras_classic_cnns.weights.remote import RemoteFile

FORMATS = ("safetensors", "torch", "keras_h5", "onnx")
INTERPOLATIONS = ("bilinear", "bicubic")
DEFAULT_TAG = "imagenet"
TRAINING_OPTIONS = frozenset(
    {
        "drop_path",
        "drop_path_rate",
        "drop_path_steps",
        "dropout",
        "memory_efficient",
        "per",
        "zero_init_last_gamma",
    }
)

CATALOG = Path(__file__).with_name("catalog.json")


@dataclass(frozen=True)
class Entry:
    """One file of trained weights, and the graph that they belong to.

    Args:
        model: The registry name of the model.
        tag: What `weights=` calls it.
        format: How the file is written, one of `FORMATS`.
        key_map: The names in it, a map of `list_key_maps()`.
        file: Where it is.
        preprocessing: How images are scaled for it.
        licence: The licence that its publisher names. ImageNet has terms of its own.
        source: Who published it, and under which name.
        megabytes: About how large it is, in units of 10**6 bytes.
        options: Constructor options of the graph, those that are not the model's defaults.
        classes: Classes of the classifier, without one for the background.
        size: Height and width of the images that the accuracy was measured with, in pixels.
        resize: What their short side is resized to before the centre is cut out, in pixels.
        interpolation: How they are resized, one of `INTERPOLATIONS`.
        top1: Published accuracy in percent; `None` where there is no figure.
        top5: The same for the best five answers.
        accuracy_source: Where the accuracy is published; `None` where there is none.
        notes: What else a user should know.
    """

    model: str
    tag: str
    format: str
    key_map: str
    file: RemoteFile
    preprocessing: Preprocessing
    licence: str
    source: str
    megabytes: float
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    classes: int = 1000
    size: int = 224
    resize: int = 256
    interpolation: str = "bilinear"
    top1: float | None = None
    top5: float | None = None
    accuracy_source: str | None = None
    notes: str = ""

    def __post_init__(self) -> None:
        validate.one_of("format", self.format, FORMATS)
        validate.one_of("interpolation", self.interpolation, INTERPOLATIONS)

    @property
    def graph(self) -> str:
        """The call that makes the graph, such as `GoogLeNet(variant='bn')`."""
        return _call(get_spec(self.model), self.options)


class EntryTable(tuple[Entry, ...]):
    """Entries that print as a table."""

    def __repr__(self) -> str:
        head = ("weights", "graph", "top-1", "top-5", "MB", "licence", "source")
        rows = [head, *(_row(entry) for entry in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )


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
            f"There are no {tag!r} weights for {_call(spec, _graph_options(spec, options))}, but "
            f"for {', '.join(others)}."
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
    wanted = _graph_options(spec, options)
    return [e for e in _entries_of(spec) if _graph_options(spec, e.options) == wanted]


def _graph_options(spec: ModelSpec, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that change the graph and are not the model's defaults."""
    return {
        name: value
        for name, value in options.items()
        if name not in TRAINING_OPTIONS and value != spec.options[name]
    }


def _call(spec: ModelSpec, options: Mapping[str, Any]) -> str:
    return (
        f"{spec.constructor}({', '.join(f'{name}={value!r}' for name, value in options.items())})"
    )


def _row(entry: Entry) -> Iterable[str]:
    accuracies = ("" if value is None else f"{value:.2f}" for value in (entry.top1, entry.top5))
    size = f"{entry.megabytes:.0f}" if entry.megabytes >= 10 else f"{entry.megabytes:.1f}"
    return (entry.tag, entry.graph, *accuracies, size, entry.licence, entry.source)
