"""Options: the fields of an architecture's `Config` that its constructors offer as arguments.

A family writes its choices down once, as fields of a frozen dataclass. Those made with
`option(...)` become keyword-only constructor arguments; default, documentation and validation
all come from the field.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from keras_classic_cnns.core import validate

Check = Callable[[str, Any], Any]


def option(default: Any, doc: str, *, check: Check) -> Any:
    """Declares a dataclass field that constructors offer as a keyword-only argument.

    Args:
        default: The value when the argument is not given; a variant may set another one.
        doc: What the argument means, as a phrase for the docstring.
        check: `check(name, value)` returns the value or raises an error that teaches.

    Returns:
        A `dataclasses.field`.
    """
    return dataclasses.field(default=default, kw_only=True, metadata={"doc": doc, "check": check})


def choice(default: Any, doc: str, *allowed: Any) -> Any:
    """Declares an option that takes one of `allowed`."""
    return option(default, doc, check=lambda name, value: validate.one_of(name, value, allowed))


def switch(default: bool, doc: str) -> Any:
    """Declares an option that is on or off."""
    return option(default, doc, check=validate.boolean)


def rate(default: float, doc: str) -> Any:
    """Declares an option that is a share in `[0, 1)`, such as the rate of dropout."""
    return option(default, doc, check=validate.rate)


def options_of(config: Any) -> dict[str, dataclasses.Field]:
    """The options of a config: field by name, in the order of the class.

    Args:
        config: A dataclass instance.
    """
    return {field.name: field for field in dataclasses.fields(config) if "doc" in field.metadata}


def chosen_options(config: Any) -> dict[str, Any]:
    """The values of a config's options by name.

    Args:
        config: A dataclass instance.
    """
    return {name: getattr(config, name) for name in options_of(config)}
