"""Command line flags from settings records, by absl."""

import dataclasses
import textwrap
import typing
from collections.abc import Sequence
from typing import Any

from absl import flags

from keras_classic_cnns.training.settings import Settings

_WIDTH = 92
# A flag that may be given again instead of taking commas, since its values may hold commas.
_REPEATED = "option"
_PLACEHOLDERS = {int: "N", float: "X", str: "WORD", tuple: "WORD,..."}


class UsageError(Exception):
    """The command line is wrong; the message says how."""


def parse(records: Sequence[type[Settings]], words: Sequence[str]) -> list[Settings]:
    """Reads a command line into settings.

    Args:
        records: The records whose fields are the flags and bare words that are allowed.
        words: What stands behind the command.

    Returns:
        One record of each kind.

    Raises:
        UsageError: A flag or word is unknown, missing or out of range.
    """
    values = flags.FlagValues()
    values.set_gnu_getopt(True)  # flags may follow the bare words
    fields = [field for record in records for field in dataclasses.fields(record)]
    for field in fields:
        if not field.metadata["positional"]:
            _define(values, field)
    try:
        rest = values(["", *words])[1:]
    except flags.Error as error:
        raise UsageError(str(error)) from error
    given = {name: values[name].value for name in values if values[name].present}
    given = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    given |= _positional(fields, rest)
    return [_make(record, given) for record in records]


def help_text(usage: str, summary: str, records: Sequence[type[Settings]]) -> str:
    """The help of a command: its usage, bare words and flags with meaning and default.

    Args:
        usage: The program and the command.
        summary: What it does.
        records: As for `parse`.
    """
    fields = [field for record in records for field in dataclasses.fields(record)]
    bare = [field for field in fields if field.metadata["positional"]]
    named = [field for field in fields if not field.metadata["positional"]]
    required = [_spelling(field) for field in named if _is_required(field)]
    first = " ".join([usage, *map(_spelling, bare), *required, "[flags]"])
    lines = [f"Usage: {first}", "", *textwrap.wrap(summary, _WIDTH)]
    for title, group in (("Words", bare), ("Flags", named)):
        if group:
            lines += ["", f"{title}:", *(line for field in group for line in _entry(field))]
    return "\n".join(lines)


def _define(values: flags.FlagValues, field: dataclasses.Field) -> None:
    """Defines a flag without default: the record knows it, and `present` tells what was given."""
    common = {"default": None, "help": field.metadata["doc"], "flag_values": values}
    kind = _kind(field)
    if field.name == _REPEATED:
        flags.DEFINE_multi_string(field.name, **common)
    elif field.metadata["choices"]:
        flags.DEFINE_enum(field.name, enum_values=field.metadata["choices"], **common)
    else:
        define = {
            bool: flags.DEFINE_boolean,
            float: flags.DEFINE_float,
            int: flags.DEFINE_integer,
            str: flags.DEFINE_string,
            tuple: flags.DEFINE_list,
        }
        define[kind](field.name, **common)


def _positional(fields: Sequence[dataclasses.Field], words: Sequence[str]) -> dict[str, Any]:
    given, words = {}, list(words)
    for field in fields:
        if not field.metadata["positional"]:
            continue
        if _kind(field) is tuple:
            given[field.name], words = tuple(words), []
        elif words:
            given[field.name] = words.pop(0)
        if not given.get(field.name) and _is_required(field):
            raise UsageError(f"{_spelling(field)} is missing: {field.metadata['doc']}")
    if words:
        raise UsageError(f"Too many words: {' '.join(words)}")
    return given


def _make(record: type[Settings], given: dict[str, Any]) -> Settings:
    fields = dataclasses.fields(record)
    missing = [f"--{f.name}" for f in fields if _is_required(f) and f.name not in given]
    if missing:
        raise UsageError(f"Needed and not given: {', '.join(missing)}")
    try:
        return record(**{f.name: given[f.name] for f in fields if f.name in given})
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error


def _entry(field: dataclasses.Field) -> list[str]:
    default = field.metadata["absent"]
    if default is None and not _is_required(field):
        default = _words(field.default)
    text = field.metadata["doc"] + ("" if default is None else f" Default: {default}.")
    indent = " " * 6
    body = textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
    return [f"  {_spelling(field)}", *body]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return (",".join(value) or "none") if isinstance(value, tuple) else str(value)


def _spelling(field: dataclasses.Field) -> str:
    kind = _kind(field)
    if field.metadata["positional"]:
        word = field.name.upper()
        word = word.removesuffix("S") + "..." if kind is tuple else word
        return word if _is_required(field) else f"[{word}]"
    if kind is bool:
        return f"--[no]{field.name}"
    value = "|".join(field.metadata["choices"] or ()) or _PLACEHOLDERS[kind]
    return f"--{field.name}={'NAME=VALUE' if field.name == _REPEATED else value}"


def _is_required(field: dataclasses.Field) -> bool:
    return field.default is dataclasses.MISSING


def _kind(field: dataclasses.Field) -> type:
    """The bare type of a field: `tuple` of `tuple[str, ...] | None`."""
    kind = field.type
    if type(None) in typing.get_args(kind):
        (kind,) = (one for one in typing.get_args(kind) if one is not type(None))
    return typing.get_origin(kind) or kind
