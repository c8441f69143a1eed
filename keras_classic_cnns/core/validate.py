"""Checks of arguments: each returns the value, or says what was wrong, allowed and received.

A wrong type raises `TypeError`, a wrong value `ValueError`; every message ends with
`Received: name=value`, so that a user sees which argument to mend.
"""

import numbers
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np


def received(name: str, value: Any) -> str:
    """The tail of every message: `Received: classes=-1`."""
    return f"Received: {name}={value!r}"


def one_of(name: str, value: Any, allowed: Iterable[Any]) -> Any:
    """Checks that `value` is one of `allowed`.

    Example:
        >>> one_of("pooling", "max", (None, "avg", "max"))
        'max'
    """
    allowed = tuple(allowed)
    if not any(_same(value, choice) for choice in allowed):
        choices = ", ".join(repr(choice) for choice in allowed)
        raise ValueError(f"`{name}` must be one of {choices}. {received(name, value)}")
    return value


def integer(
    name: str, value: Any, *, minimum: int | None = None, maximum: int | None = None
) -> int:
    """Checks that `value` is a whole number (a bool is not) in `[minimum, maximum]`.

    Example:
        >>> integer("groups", 32, minimum=1)
        32
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"`{name}` must be an integer. {received(name, value)}")
    return int(_in_range(name, value, minimum, maximum))


def positive_int(name: str, value: Any) -> int:
    """Checks that `value` is a whole number of at least 1."""
    return integer(name, value, minimum=1)


def number(
    name: str, value: Any, *, minimum: float | None = None, maximum: float | None = None
) -> float:
    """Checks that `value` is a finite real number (a bool is not) in `[minimum, maximum]`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"`{name}` must be a number. {received(name, value)}")
    if not abs(float(value)) < float("inf"):  # false for NaN as well
        raise ValueError(f"`{name}` must be finite. {received(name, value)}")
    return float(_in_range(name, value, minimum, maximum))


def positive(name: str, value: Any, *, maximum: float | None = None) -> float:
    """Checks that `value` is a number above 0, and at most `maximum`."""
    if number(name, value, maximum=maximum) <= 0:
        raise ValueError(f"`{name}` must be above 0. {received(name, value)}")
    return float(value)


def rate(name: str, value: Any) -> float:
    """Checks that `value` is a share that may be dropped: a number in `[0, 1)`.

    Example:
        >>> rate("dropout", 0)
        0.0
    """
    if number(name, value, minimum=0) >= 1:
        raise ValueError(f"`{name}` must be less than 1. {received(name, value)}")
    return float(value)


def boolean(name: str, value: Any) -> bool:
    """Checks that `value` is `True` or `False`, not something that merely acts like one."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"`{name}` must be True or False. {received(name, value)}")
    return bool(value)


def string(name: str, value: Any) -> str:
    """Checks that `value` is a non-empty string."""
    if not isinstance(value, str):
        raise TypeError(f"`{name}` must be a string. {received(name, value)}")
    if not value:
        raise ValueError(f"`{name}` must not be empty. {received(name, value)}")
    return value


def seed(name: str, value: Any) -> int:
    """An integer that NumPy, Python and TensorFlow all take for a seed, in `[0, 2**32)`.

    Example:
        >>> seed("seed", 7)
        7
    """
    return integer(name, value, minimum=0, maximum=2**32 - 1)


def names(name: str, value: Any) -> Sequence[str]:
    """A sequence of strings, such as a tuple; not one string.

    Example:
        >>> names("decay_spares", ("bias", "gamma"))
        ('bias', 'gamma')
    """
    is_sequence = isinstance(value, Sequence) and not isinstance(value, str)
    if not is_sequence or not all(isinstance(one, str) for one in value):
        raise TypeError(
            f"`{name}` must be a sequence of names, such as a tuple of strings. "
            f"{received(name, value)}"
        )
    return value


def optional(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """A check that lets `None` pass, and does else what `check` does.

    Example:
        >>> optional(rate)("dropout", 0.5), optional(rate)("dropout", None)
        (0.5, None)
    """
    return lambda name, value: None if value is None else check(name, value)


def _same(value: Any, choice: Any) -> bool:
    """Equality that tells 1 from True, and takes NumPy's strings."""
    alike = isinstance(value, type(choice)) and isinstance(value, bool) == isinstance(choice, bool)
    return alike and value == choice


def _in_range(name: str, value: Any, minimum: Any, maximum: Any) -> Any:
    if minimum is not None and value < minimum:
        raise ValueError(f"`{name}` must be at least {minimum}. {received(name, value)}")
    if maximum is not None and value > maximum:
        raise ValueError(f"`{name}` must be at most {maximum}. {received(name, value)}")
    return value
