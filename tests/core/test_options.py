"""Options are fields that carry their documentation and their check."""

import dataclasses

import pytest

from keras_classic_cnns.core import options, validate


@dataclasses.dataclass(frozen=True)
class Config:
    depth: int
    rate: float = options.option(0.5, "the rate", check=validate.number)
    kind: str = options.choice("a", "the kind", "a", "b")
    biased: bool = options.switch(False, "a bias")


def test_options_of_lists_options_only_in_order():
    assert list(options.options_of(Config(3))) == ["rate", "kind", "biased"]


def test_option_carries_doc_and_check():
    field = options.options_of(Config(3))["kind"]
    assert field.metadata["doc"] == "the kind"
    assert field.metadata["check"]("kind", "b") == "b"
    with pytest.raises(ValueError, match="`kind` must be one of 'a', 'b'. Received: kind='c'"):
        field.metadata["check"]("kind", "c")


def test_options_are_keyword_only():
    with pytest.raises(TypeError):
        Config(3, 0.5)
