"""Nothing unfinished, nothing that names one person's machine, no code that cannot be reloaded."""

import ast
import re

import pytest
from conventions.source_tree import ROOT, Module, make_module, package_modules, tracked_files

# Written in pieces, so that this file does not hold what it forbids.
WORDS = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
FOLDERS = ("ho" + "me", "ro" + "ot", "tm" + "p", "us" + "ers", "wo" + "rk")
UNFINISHED = re.compile(rf"\b(?:{'|'.join(WORDS)})\b")
MACHINE_PATH = re.compile(rf"(?<![\w.:/~])/(?:{'|'.join(FOLDERS)})/", re.IGNORECASE)
LARGEST = 1_000_000


def word_violations(path: str, text: str) -> list[str]:
    """Lines that hold a word for unfinished work or a path of one machine."""
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        if UNFINISHED.search(line) or MACHINE_PATH.search(line)
    ]


def lambda_layers(module: Module) -> list[str]:
    """Uses of Keras's Lambda, which `safe_mode` refuses to reload."""
    return [
        f"{module.path}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and getattr(node, "attr", getattr(node, "id", "")) == "Lambda"
    ]


def text_files() -> dict[str, str]:
    """The project's files that are text and not large."""
    found = {}
    for name in tracked_files():
        if (ROOT / name).stat().st_size <= LARGEST:
            try:
                found[name] = (ROOT / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return found


def test_nothing_is_unfinished_or_tied_to_a_machine():
    wrong = [v for path, text in text_files().items() for v in word_violations(path, text)]
    assert wrong == []


@pytest.mark.parametrize("module", package_modules(), ids=lambda m: m.path)
def test_no_lambda_layers(module):
    assert lambda_layers(module) == []


@pytest.mark.parametrize(
    "line",
    ["# TO" + "DO: later", "raise NotImplemented" + "Error", 'open("/tm' + 'p/x")', "/ro" + "ot/a"],
)
def test_the_check_catches_a_word(line):
    assert word_violations("a.py", f"x = 1\n{line}\n") == [f"a.py:2: {line}"]


def test_the_check_allows_addresses_and_relative_paths():
    line = "https://example.org/wo" + "rk/x ./tm" + "p/y a/ho" + "me/b"
    assert word_violations("a.md", line) == []


def test_the_check_catches_a_lambda_layer():
    text = "from keras import layers\nlayers.Lambda(lambda x: x)"
    assert lambda_layers(make_module("p/bad.py", text)) == ["p/bad.py:2"]
