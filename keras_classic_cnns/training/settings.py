"""How a job's settings are written down: a frozen record whose fields know what they mean.

From such a record come the job's command line flags with their help, its keyword arguments in
Python and the content of `settings.json`. The records themselves are in `jobs`; neither module
imports keras or tensorflow, so that the command line can show its help at once.
"""

import ast
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_classic_cnns.core import validate

OPTION_DOC = "An option of the model, as name=value (shortcut=B); may be given again."


def setting(
    doc: str,
    default: Any = dataclasses.MISSING,
    *,
    check: Callable[[str, Any], Any],
    absent: str | None = None,
    choices: tuple[str, ...] | None = None,
    positional: bool = False,
) -> Any:
    """Declares a field of a settings record.

    Args:
        doc: What it means, one or two sentences.
        default: Its value when it is not given; a field without default is required.
        check: `check(name, value)` returns the value or raises an error that teaches.
        absent: What `None` stands for, as a phrase; a field with it takes `None` unchecked.
        choices: The allowed words, where there are few.
        positional: Whether the command line takes it as a bare word instead of a flag.

    Returns:
        A `dataclasses.field`.
    """
    metadata = {
        "doc": doc,
        "check": check,
        "absent": absent,
        "choices": choices,
        "positional": positional,
    }
    return dataclasses.field(default=default, kw_only=True, metadata=metadata)


def word(doc: str, default: str, *choices: str) -> Any:
    """Declares a field that takes one of a few words."""
    return setting(
        doc,
        default,
        check=lambda name, value: validate.one_of(name, value, choices),
        choices=choices,
    )


@dataclasses.dataclass(frozen=True)
class Settings:
    """The base of all settings: every field is checked when a record is made."""

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is None and field.metadata["absent"] is not None:
                continue
            object.__setattr__(self, field.name, field.metadata["check"](field.name, value))


def path_name(name: str, value: Any) -> str:
    """Checks that `value` is a path; a `Path` becomes a string, so that JSON can hold it."""
    return validate.string(name, str(value) if isinstance(value, Path) else value)


def local_path(name: str, value: Any) -> str:
    """Checks that `value` is the path of something that is written here, not in a cloud."""
    path = path_name(name, value)
    if "://" in path:
        raise ValueError(
            f"`{name}` must be a folder of this machine, or one that is mounted here: checkpoints "
            "are locked, linked and renamed, which stores of objects do not know. --data_dir may "
            f"be there. {validate.received(name, path)}"
        )
    return path


def words(name: str, value: Any) -> tuple[str, ...]:
    """Checks that `value` is a sequence of strings; `"none"` alone is the empty one."""
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise TypeError(f"`{name}` must be a sequence of strings. {validate.received(name, value)}")
    checked = tuple(validate.string(name, item) for item in value)
    return () if checked == ("none",) else checked


def shape(name: str, value: Any) -> tuple[int, ...]:
    """Checks that `value` is a height, a width and channels, as numbers or in digits."""
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise ValueError(
            f"`{name}` must be height, width and channels. {validate.received(name, value)}"
        )
    return whole_numbers(name, value)


def whole_numbers(name: str, value: Any) -> tuple[int, ...]:
    """Checks that `value` is a sequence of whole numbers from 1 on, as numbers or in digits."""
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(
            f"`{name}` must be one or more whole numbers. {validate.received(name, value)}"
        )
    items = [int(item) if isinstance(item, str) and item.isdecimal() else item for item in value]
    return tuple(validate.integer(name, item, minimum=1) for item in items)


def at_least(minimum: int) -> Callable[[str, Any], int]:
    """A check for whole numbers from `minimum` on."""
    return lambda name, value: validate.integer(name, value, minimum=minimum)


def tolerated_damage() -> Any:
    """Declares the field that says how many damaged images a job puts up with."""
    return setting(
        "The largest share of the images seen that may be damaged; five may be, unless it is 0. "
        "Over several devices validation takes none.",
        0.01,
        check=lambda name, value: validate.number(name, value, minimum=0, maximum=1),
    )


def model_options(pairs: tuple[str, ...], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Reads the `name=value` pairs of `--option` as keyword arguments of a constructor.

    Args:
        pairs: Such as `("shortcut=B", "groups=8")`. A value that is a Python literal (`8`,
            `True`, `None`) is taken as that, any other as a string.
        defaults: The options the constructor has. Where the default is a string the value is
            one, whatever it looks like.

    Raises:
        ValueError: A pair is not `name=value`, or the constructor has no such option.

    Example:
        >>> model_options(("variant=1998", "groups=8"), {"variant": "modern", "groups": 32})
        {'variant': '1998', 'groups': 8}
    """
    options = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not (name.isidentifier() and equals):
            raise ValueError(
                "A model option must be written name=value, as in shortcut=B. "
                f"{validate.received('option', pair)}"
            )
        if name not in defaults:
            raise ValueError(
                f"The network has no option {name!r}; it has {', '.join(defaults) or 'none'}. "
                f"{validate.received('option', pair)}"
            )
        options[name] = text if isinstance(defaults[name], str) else _literal(text)
    return options


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
