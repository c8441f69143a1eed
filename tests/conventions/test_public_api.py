"""What is public is listed, sorted, documented, and explains its arguments."""

import ast
import dataclasses
import importlib
import inspect
import subprocess
import sys
import types

import pytest
from conventions.docstrings import unexplained_parameters
from conventions.floors import HEAVY
from conventions.source_tree import (
    PACKAGE,
    ROOT,
    Module,
    make_module,
    package_modules,
    read,
    tracked_files,
)

import keras_classic_cnns as kcc

LISTS = [m for m in package_modules() if "__all__" in m.text]
DOCS = "\n".join(read(n) for n in tracked_files() if n.startswith("docs/") and n.endswith(".md"))


def unsorted_names(names: list[str]) -> list[str]:
    """The names that stand before a smaller one, or twice."""
    return [a for a, b in zip(names, names[1:], strict=False) if a >= b]


def literal_all(module: Module) -> list[str] | None:
    """The list that a module assigns to `__all__`, where it is written out."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            try:
                return ast.literal_eval(node.value)
            except ValueError:
                return None
    return None


def public_symbols() -> dict[str, object]:
    """Everything reachable as `kcc.name` or `kcc.module.name` that is meant to be."""
    found = {}
    for name in kcc.__all__:
        value = getattr(kcc, name)
        found[name] = value
        if isinstance(value, types.ModuleType):
            for inner in getattr(value, "__all__", _defined_in(value)):
                found[f"{name}.{inner}"] = getattr(value, inner)
    return found


def _defined_in(module: types.ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]


SYMBOLS = public_symbols()
CALLABLES = {
    name: value
    for name, value in SYMBOLS.items()
    if inspect.isfunction(value) or inspect.isclass(value)
}


@pytest.mark.parametrize("module", LISTS, ids=lambda m: m.path)
def test_all_is_sorted_and_resolves(module):
    loaded = importlib.import_module(module.name)
    written = literal_all(module)
    assert unsorted_names(list(loaded.__all__) if written is None else written) == []
    assert [name for name in loaded.__all__ if not hasattr(loaded, name)] == []


@pytest.mark.parametrize("name", CALLABLES)
def test_arguments_are_explained(name):
    assert unexplained_parameters(CALLABLES[name]) == []


@pytest.mark.parametrize("name", kcc.__all__)
def test_public_names_are_in_the_documentation(name):
    assert f"`{name}`" in DOCS or f"`kcc.{name}" in DOCS, f"docs/ does not mention {name}"


def test_every_public_name_shows_in_dir():
    assert set(kcc.__all__) <= set(dir(kcc))


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="has no attribute 'ResNet51'"):
        kcc.ResNet51  # noqa: B018


def test_import_is_light():
    """What is slow to import and what Keras itself does not import loads on first use."""
    code = f"import sys, keras; before = set(sys.modules); import {PACKAGE}; "
    code += f"print(*sorted({HEAVY!r} & (set(sys.modules) - before)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_the_check_of_order_can_fail():
    assert unsorted_names(["a", "c", "b"]) == ["c"]
    assert unsorted_names(["a", "a"]) == ["a"]
    assert literal_all(make_module("keras_classic_cnns/x.py", '__all__ = ["b", "a"]')) == ["b", "a"]


def test_the_check_of_arguments_can_fail():
    def resize(image, *, size, **more):
        """Resizes an image."""

    @dataclasses.dataclass
    class Settings:
        """Settings."""

        size: int
        told: int = dataclasses.field(default=1, metadata={"doc": "Text."})

    assert unexplained_parameters(resize) == ["size"]
    assert unexplained_parameters(Settings) == ["size"]
