"""The examples in docstrings and in the documentation do what they say."""

import doctest
import importlib

import pytest
from conventions.source_tree import package_modules, python_blocks, read, tracked_files

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = [m.name for m in package_modules() if ">>> " in m.text]
PAGES = [n for n in tracked_files() if n.endswith(".md") and "```python" in read(n)]


def run(tests: list[doctest.DocTest]) -> doctest.TestResults:
    """Runs examples; the runner prints those that fail."""
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    for test in tests:
        runner.run(test)
    return runner.summarize(verbose=False)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name, monkeypatch, tmp_path):
    module = importlib.import_module(name)
    monkeypatch.chdir(tmp_path)
    results = run(doctest.DocTestFinder(exclude_empty=True).find(module, name))
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("page", PAGES)
def test_examples_in_the_documentation(page, monkeypatch, tmp_path):
    """Each page's Python runs from top to bottom; what reads a training run is left out."""
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in python_blocks(read(page)):
        if "runs/" not in block:
            exec(compile(block, page, "exec"), names)
    assert "kcc" in names


def test_the_check_catches_a_wrong_example():
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3", {}, "wrong", "wrong", 0)
    assert run([wrong]).failed == 1
