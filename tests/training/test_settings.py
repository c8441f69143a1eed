import dataclasses
from pathlib import Path

import pytest

from keras_classic_cnns.training import settings
from keras_classic_cnns.training.settings import Settings, setting, word


@dataclasses.dataclass(frozen=True)
class Lunch(Settings):
    plates: int = setting("How many.", check=settings.at_least(1))
    drink: str = word("Which.", "water", "water", "tea")
    tip: int | None = setting("How much.", None, check=settings.at_least(0), absent="as usual")


def test_values_are_checked_when_a_record_is_made():
    assert Lunch(plates=2, drink="tea") == Lunch(plates=2, drink="tea", tip=None)
    with pytest.raises(ValueError, match=r"`plates` must be at least 1. Received: plates=0"):
        Lunch(plates=0)
    with pytest.raises(ValueError, match="`drink` must be one of 'water', 'tea'"):
        Lunch(plates=1, drink="beer")
    with pytest.raises(TypeError, match="`plates` must be an integer. Received: plates=None"):
        Lunch(plates=None)
    with pytest.raises(TypeError, match="plates"):
        Lunch()


@pytest.mark.parametrize(
    ("pairs", "options"),
    [
        (("variant=1998",), {"variant": "1998"}),
        (("groups=8", "wide=True"), {"groups": 8, "wide": True}),
        (("wide=None",), {"wide": None}),
        (("variant=a=b",), {"variant": "a=b"}),
    ],
)
def test_model_options(pairs, options):
    known = {"variant": "modern", "groups": 32, "wide": False}
    assert settings.model_options(pairs, known) == options


@pytest.mark.parametrize(
    "name", ["classes", "name", "include_top", "classifier_activation", "gruops"]
)
def test_other_arguments_are_no_model_options(name):
    with pytest.raises(ValueError, match=f"it has variant, groups. Received: option='{name}=1'"):
        settings.model_options((f"{name}=1",), {"variant": "modern", "groups": 32})
    with pytest.raises(ValueError, match=f"no option '{name}'; it has none."):
        settings.model_options((f"{name}=1",), {})


@pytest.mark.parametrize("pair", ["variant", "=1998", "a b=1"])
def test_a_malformed_model_option_is_shown(pair):
    with pytest.raises(ValueError, match=f"written name=value.*Received: option='{pair}'"):
        settings.model_options((pair,), {})


def test_shape_takes_digits_and_numbers():
    assert settings.shape("input_shape", ("28", "28", "1")) == (28, 28, 1)
    assert settings.shape("input_shape", (28, 28, 1)) == (28, 28, 1)
    with pytest.raises(ValueError, match="must be height, width and channels"):
        settings.shape("input_shape", ("28", "28"))
    with pytest.raises(TypeError, match="`input_shape` must be an integer. Received: .*'wide'"):
        settings.shape("input_shape", ("28", "wide", "1"))


def test_words_and_paths():
    assert settings.words("augment", ["flip", "cutout"]) == ("flip", "cutout")
    assert settings.words("augment", ("none",)) == ()
    with pytest.raises(TypeError, match="must be a sequence of strings. Received: augment='flip'"):
        settings.words("augment", "flip")
    assert settings.path_name("out", Path("runs/a")) == "runs/a"
