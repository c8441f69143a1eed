"""The page of all public weights says what catalog and registry say."""

import importlib.util
import re
from pathlib import Path

import pytest

import keras_classic_cnns as kcc

SCRIPT = Path(__file__).parents[2] / "scripts" / "write_weights_page.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("write_weights_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(script):
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), "run: make models-page"


def test_every_entry_has_its_row_and_every_file_its_link(script):
    text = script.page()
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", text, re.MULTILINE)
    entries = kcc.list_weights()
    assert sorted(rows) == sorted((e.graph.removesuffix("()"), e.tag) for e in entries)
    assert {url for e in entries for url in e.file.urls} <= set(re.findall(r"\]\(([^)]+)\)", text))


def test_every_row_has_all_columns(script):
    for section in script.page().split("\n## ")[2:]:
        rows = [line for line in section.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in rows}) <= 1, section[:40]


def test_what_a_row_says(script):
    text = script.page()
    assert (
        "| `AlexNetV2` | `pytorchcv` | 60.26 | 82.53 | pytorchcv's README | "
        "224 of 256, bilinear, `torch` | 244, sha1 | MIT | [pytorchcv](https://"
    ) in text
    assert "| `VGG19` | `caffe` | - | - | - | 224 of 256, bilinear, `caffe` |" in text
    assert re.search(r"\| `WRN28_10` \| `cifar10` .* \| 32, `cifar` \|", text)
    assert "(`cifar`: mean 125.307 122.961 113.858, deviation " in text
    assert "32.3, none yet |" in text
    assert "sha256 prefix |" in text
    assert "None" not in text.replace(script.NOTHING, "")


def test_every_network_without_weights_is_named_with_a_reason(script):
    section = script.page().split(script.WITHOUT)[1]
    cells = re.findall(r"^\| (`.*?) \| \S", section, re.MULTILINE)
    named = re.findall(r"`(\w+)`", " ".join(cells))
    assert sorted(named) == sorted(
        kcc.get_spec(name).constructor for name in script.without_weights()
    )


def test_no_reason_is_left_over(script):
    """A reason that no network needs is forgotten when weights are found."""
    bare = [name for name in script.without_weights() if not kcc.list_weights(name)]
    used = {name if name in script.REASONS else kcc.get_spec(name).family for name in bare}
    assert set(script.REASONS) - used == set()
