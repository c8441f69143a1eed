"""Checks return the value or name the argument."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_classic_cnns.core import validate

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())
)
CHECKS = [
    validate.positive_int,
    validate.integer,
    validate.number,
    validate.positive,
    validate.rate,
    validate.boolean,
    validate.string,
    validate.optional(validate.positive_int),
    lambda name, value: validate.one_of(name, value, (None, "avg", 3)),
    lambda name, value: validate.integer(name, value, minimum=-2, maximum=2),
    lambda name, value: validate.number(name, value, minimum=0.0, maximum=1.0),
]


@pytest.mark.parametrize("check", CHECKS)
@given(value=ANYTHING)
def test_returns_the_value_or_names_the_argument(check, value):
    try:
        returned = check("thing", value)
        # a float has no place for all digits of a large whole number
        assert returned == value or returned == float(value)
    except (TypeError, ValueError) as error:
        assert str(error).startswith("`thing` must")
        assert str(error).endswith(f"Received: thing={value!r}")


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: validate.integer("n", True), TypeError, "must be an integer"),
        (lambda: validate.integer("n", 2.0), TypeError, "must be an integer"),
        (lambda: validate.integer("n", 0, minimum=1), ValueError, "must be at least 1"),
        (lambda: validate.integer("n", 9, maximum=8), ValueError, "must be at most 8"),
        (lambda: validate.number("n", math.nan), ValueError, "must be finite"),
        (lambda: validate.number("n", "1"), TypeError, "must be a number"),
        (lambda: validate.number("n", -0.1, minimum=0), ValueError, "must be at least 0"),
        (lambda: validate.positive("n", 0), ValueError, "must be above 0"),
        (lambda: validate.positive("n", 2, maximum=1), ValueError, "must be at most 1"),
        (lambda: validate.rate("n", 1), ValueError, "must be less than 1"),
        (lambda: validate.boolean("n", 1), TypeError, "must be True or False"),
        (lambda: validate.string("n", ""), ValueError, "must not be empty"),
        (lambda: validate.string("n", 1), TypeError, "must be a string"),
        (lambda: validate.one_of("n", "b", ("a",)), ValueError, "must be one of 'a'"),
        (lambda: validate.optional(validate.rate)("n", 1), ValueError, "must be less than 1"),
        (lambda: validate.one_of("n", True, (1,)), ValueError, "must be one of 1"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_none_passes_an_optional_check_only():
    assert validate.optional(validate.rate)("n", None) is None
    with pytest.raises(TypeError, match="must be a number. Received: n=None"):
        validate.rate("n", None)


def test_takes_numpy_scalars():
    assert validate.boolean("n", np.bool_(True)) is True
    assert validate.integer("n", np.int64(3)) == 3
    assert validate.number("n", np.float32(0.5)) == 0.5
    assert validate.one_of("n", np.str_("avg"), (None, "avg")) == "avg"
