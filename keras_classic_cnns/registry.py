"""What there is: a record for every architecture, found by name; no graph is built here."""

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from keras_classic_cnns.core import errors, validate


@dataclass(frozen=True)
class Paper:
    """Where an architecture was published.

    Args:
        title: The title as printed.
        authors: The authors, as a phrase.
        year: The year of publication.
        link: The address of the paper.
    """

    title: str
    authors: str
    year: int
    link: str

    def __str__(self) -> str:
        return f"{self.title} ({self.authors}, {self.year}), {self.link}"


@dataclass(frozen=True)
class ModelSpec:
    """Facts about one architecture.

    Args:
        name: The registry key, the constructor's name in lower case.
        constructor: The constructor's name, `kcc.<constructor>`.
        family: The module of `keras_classic_cnns.models` that holds it.
        summary: One sentence.
        paper: Its source.
        input_size: The default height and width, in pixels.
        minimum_size: The least height and width it takes.
        channels: The default number of input channels.
        classes: The default number of classes.
        preprocessing: The mode of `keras_classic_cnns.preprocessing` it is trained with.
        options: Its own options, by name, with their defaults.
    """

    name: str
    constructor: str
    family: str
    summary: str
    paper: Paper
    input_size: int
    minimum_size: int
    channels: int
    classes: int
    preprocessing: str
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


_INPUT = "image"  # the input of every model that this package builds
_SPECS: dict[str, ModelSpec] = {}
_BUILDERS: dict[str, Callable] = {}


def register(spec: ModelSpec, builder: Callable) -> None:
    """Adds an architecture.

    Args:
        spec: Its record.
        builder: Its constructor.

    Raises:
        ValueError: The name is taken.
    """
    if spec.name in _SPECS:
        raise ValueError(f"A model of this name exists. {validate.received('name', spec.name)}")
    _SPECS[spec.name] = spec
    _BUILDERS[spec.name] = builder


def list_models(pattern: str = "*") -> list[str]:
    """Lists the names of all architectures that match a pattern, sorted.

    Args:
        pattern: A shell pattern such as `"resnext*"` or `"*cifar*"`; case does not matter.

    Returns:
        Names for `get_model`.

    Example:
        >>> list_models("resnext29*")
        ['resnext29_16x64d', 'resnext29_8x64d']
    """
    pattern = validate.string("pattern", pattern).lower()
    return sorted(name for name in _SPECS if fnmatch.fnmatchcase(name, pattern))


def get_spec(name: str) -> ModelSpec:
    """The record of an architecture.

    Args:
        name: A name from `list_models`, or a constructor's name; case does not matter.

    Raises:
        ValueError: There is no such architecture; the message offers the nearest names.
    """
    key = validate.string("name", name).lower()
    if key not in _SPECS:
        raise ValueError(
            f"There is no model of this name. {errors.close_matches(key, _SPECS)}"
            f"`keras_classic_cnns.list_models()` names all {len(_SPECS)}. "
            f"{validate.received('name', name)}"
        )
    return _SPECS[key]


def get_builder(name: str) -> Callable:
    """The constructor behind a name: `get_builder("resnet50") is kcc.ResNet50`."""
    return _BUILDERS[get_spec(name).name]


def get_model(name: str, /, **kwargs: Any) -> Any:
    """Builds an architecture by its name.

    Args:
        name: A name from `list_models`, or a constructor's name; case does not matter. It is
            positional, so that `name=` can name the model.
        **kwargs: The arguments of the constructor, such as `classes`, `weights` or
            `input_shape`.

    Returns:
        A `keras.Model`.

    Example:
        >>> get_model("lenet5").count_params()
        61706
    """
    return get_builder(name)(**kwargs)


def spec_of(model: Any) -> ModelSpec | None:
    """The record of the architecture that a model is, as far as one can tell.

    Its name alone does not decide, since `keras.applications` has a `"resnet50"` too, with other
    preprocessing: the model must have one input as well, called `"image"`, as all of ours do.

    Args:
        model: A `keras.Model`.

    Returns:
        The record, or `None` for a model with another name or other inputs.
    """
    inputs = getattr(model, "inputs", None) or ()
    if [tensor.name for tensor in inputs] != [_INPUT]:
        return None
    return _SPECS.get(str(model.name).lower())
