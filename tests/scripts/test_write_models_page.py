"""The page of all architectures says what registry, goldens and docstrings say."""

import importlib.util
import re
from pathlib import Path

import pytest

import keras_classic_cnns as kcc

SCRIPT = Path(__file__).parents[2] / "scripts" / "write_models_page.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("write_models_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(script):
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), "run: make models-page"


def test_every_architecture_has_its_row_and_every_paper_its_year(script):
    text = script.page()
    constructors = {kcc.get_spec(name).constructor for name in kcc.list_models()}
    assert set(re.findall(r"^\| `(\w+)` \| \d+x\d+x\d ", text, re.MULTILINE)) == constructors
    years = [int(year) for year in re.findall(r"^## (\d{4}): ", text, re.MULTILINE)]
    assert years == sorted(years)
    titles = {kcc.get_spec(name).paper.title for name in kcc.list_models()}
    assert len(years) == len(titles)
    families = {kcc.get_spec(name).family for name in kcc.list_models()}
    assert set(re.findall(r"\(models/(\w+)\.md\)", text)) == families


def test_numbers_and_dashes(script):
    text = script.page()
    assert "| `ResNet50` | 224x224x3 | 1000 | 50 | 25,557,032 | 4,089,184,256 |" in text
    assert "| `SEResNet50` | ImageNet | center crop | 22.37 | 6.36 | hujie-frank/SENet" in text
    assert "| `PlainNet20` | - | - | - | - | - |" in text
    assert "| None |" not in text


def test_lists_of_differences_become_markdown(script):
    docstring = """A net: Somebody, 2001.

The idea.

Differences from the paper, of the default:
    - One thing, which
      goes on.
    - Another.
Differences of the other:
    - A third.

And more
words."""
    assert script.differences(docstring) == (
        "Differences from the paper, of the default:\n\n- One thing, which goes on.\n- Another.\n\n"
        "Differences of the other:\n\n- A third.\n\nAnd more words."
    )
    assert script.differences("A.\n\nDifferences from the paper: none.\n") == (
        "Differences from the paper: none."
    )
