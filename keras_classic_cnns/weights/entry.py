"""What the catalog says of one file of trained weights, and which graph it belongs to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from keras_classic_cnns.core import validate
from keras_classic_cnns.preprocessing import Preprocessing
from keras_classic_cnns.registry import ModelSpec, get_spec
from keras_classic_cnns.weights.remote import RemoteFile

FORMATS = ("safetensors", "torch", "keras_h5", "onnx")
INTERPOLATIONS = ("bilinear", "bicubic")
# Options that leave weights and inference as they are
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
        return graph(get_spec(self.model), self.options)


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


def graph(spec: ModelSpec, options: Mapping[str, Any]) -> str:
    """The call that makes a graph: models of one such call can share their weights.

    Args:
        spec: The record of the model.
        options: The model's options, also those that are its defaults or matter in training only.

    Example:
        >>> graph(get_spec("googlenet"), {"dropout": 0.5, "variant": "bn"})
        "GoogLeNet(variant='bn')"
    """
    chosen = (f"{name}={value!r}" for name, value in sorted(_graph_options(spec, options).items()))
    return f"{spec.constructor}({', '.join(chosen)})"


def _graph_options(spec: ModelSpec, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that change the graph and are not the model's defaults."""
    return {
        name: value
        for name, value in options.items()
        if name not in TRAINING_OPTIONS and value != spec.options[name]
    }


def _row(entry: Entry) -> Iterable[str]:
    accuracies = ("" if value is None else f"{value:.2f}" for value in (entry.top1, entry.top5))
    size = f"{entry.megabytes:.0f}" if entry.megabytes >= 10 else f"{entry.megabytes:.1f}"
    return (entry.tag, entry.graph, *accuracies, size, entry.licence, entry.source)
