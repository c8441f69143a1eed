"""Functions and files stay short enough to be read at once."""

import ast

import pytest
from conventions.source_tree import Module, make_module, package_modules, python_files

FUNCTION_LINES = 60
FILE_LINES = 300

PACKAGE_FILES = package_modules()
ALL_FILES = (*PACKAGE_FILES, *python_files("tests/", "scripts/", "benchmarks/"))


def long_functions(module: Module) -> list[str]:
    """Functions longer than allowed, with their docstrings left out of the count."""
    wrong = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1 - docstring_lines(node)
            if lines > FUNCTION_LINES:
                wrong.append(f"{module.path}:{node.lineno} {node.name}: {lines} lines")
    return wrong


def docstring_lines(node: ast.FunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    return node.body[0].end_lineno - node.body[0].lineno + 1


def too_long(module: Module) -> bool:
    return len(module.text.splitlines()) > FILE_LINES


@pytest.mark.parametrize("module", ALL_FILES, ids=lambda m: m.path)
def test_functions_are_short(module):
    assert long_functions(module) == []


def test_package_files_are_short():
    lengths = {m.path: len(m.text.splitlines()) for m in PACKAGE_FILES if too_long(m)}
    assert lengths == {}, f"more than {FILE_LINES} lines"


def test_the_check_catches_a_long_function():
    body = "    x = 1\n" * FUNCTION_LINES
    docstring = '    """Text.\n\n    More text.\n    """\n'
    bad = make_module("keras_classic_cnns/bad.py", f"def f():\n{docstring}{body}")
    assert long_functions(bad) == ["keras_classic_cnns/bad.py:1 f: 61 lines"]


def test_the_check_catches_a_long_file():
    assert too_long(make_module("keras_classic_cnns/bad.py", "\n" * (FILE_LINES + 1)))
    assert not too_long(make_module("keras_classic_cnns/good.py", "\n" * FILE_LINES))
