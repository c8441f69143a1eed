"""setup.py declares what the package imports, no more, and constraints.txt pins it."""

import ast
import re
import sys

import pytest
from conventions.source_tree import (
    PACKAGE,
    Module,
    imports,
    make_module,
    package_modules,
    python_files,
    read,
)

# Distributions whose import has another name.
IMPORT_OF = {
    "absl-py": "absl",
    "keras-cv": "keras_cv",
    "ml-dtypes": "ml_dtypes",
    "pillow": "PIL",
    "protobuf": "google",
    "scikit-learn": "sklearn",
    "tensorflow-datasets": "tensorflow_datasets",
    "tensorflow-serving-api": "tensorflow_serving",
}
# Needed without being imported by us: by TFDS, by Keras's save_img, by the user of an extra.
INDIRECT = {"importlib_resources", "pillow", "grpcio", "onnxruntime", "tf2onnx", "mkdocs"}
TOOLS = {"pytest-xdist", "ruff"}


def requirement_lists() -> dict[str, list[str]]:
    """The lists of setup.py, by name: REQUIRED and one an extra."""
    lists: dict[str, list[str]] = {}
    for node in ast.parse(read("setup.py")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            names = []
            for item in node.value.elts:
                more = lists[item.value.id] if isinstance(item, ast.Starred) else [item.value]
                names += more
            lists[node.targets[0].id] = names
    return lists


def distribution(requirement: str) -> str:
    """`tensorflow` of `tensorflow~=2.21.0`."""
    return re.match(r"[\w-]+", requirement)[0]


LISTS = requirement_lists()
DECLARED = {distribution(r) for names in LISTS.values() for r in names}


def undeclared(module: Module, declared: set[str]) -> set[str]:
    """Packages that a module imports and that are neither Python's, ours nor declared."""
    known = {IMPORT_OF.get(name, name) for name in declared} | {PACKAGE} | sys.stdlib_module_names
    return {i.target.split(".")[0] for i in imports(module)} - known


@pytest.mark.parametrize("module", package_modules(), ids=lambda m: m.path)
def test_imports_are_declared(module):
    assert undeclared(module, DECLARED) == set()


def test_imports_at_import_time_are_required():
    """What the package imports when it is imported must not be in an extra."""
    required = {IMPORT_OF.get(d, d) for d in map(distribution, LISTS["REQUIRED"])}
    known = required | {PACKAGE} | sys.stdlib_module_names
    found = {i.target.split(".")[0] for m in package_modules() for i in imports(m) if i.at_import}
    assert found - known == set()


def test_nothing_is_declared_that_is_not_used():
    files = (*package_modules(), *python_files("tests/", "scripts/"))
    used = {i.target.split(".")[0] for m in files for i in imports(m)}
    # Keras and TensorFlow load these by themselves, where the user has them
    used |= {"tensorboard"} if any('"tensorboard"' in m.text for m in package_modules()) else set()
    idle = {d for d in DECLARED - INDIRECT - TOOLS if IMPORT_OF.get(d, d) not in used}
    assert idle == set()


def test_constraints_pin_what_the_two_commands_install():
    lines = [n for n in read("constraints.txt").splitlines() if not n.startswith("#")]
    assert lines == sorted(lines)
    assert all(re.fullmatch(r"[a-z\d.-]+==[\w.]+", line) for line in lines)
    pinned = {line.split("==")[0] for line in lines}
    wanted = {distribution(r) for name in ("REQUIRED", "DEMO", "TEST") for r in LISTS[name]}
    assert {d.replace("_", "-") for d in wanted} - pinned == set()


def test_python_versions_agree():
    """setup.py, its classifiers, the Makefile, the linter and the README name the same ones."""
    low, high = map(int, re.search(r">=3\.(\d+),<3\.(\d+)", read("setup.py")).groups())
    minors = range(low, high)
    listed = re.findall(r"Python :: 3\.(\d+)", read("setup.py"))
    assert [int(minor) for minor in listed] == [*minors]
    assert f"(3, {low}) <= sys.version_info[:2] <= (3, {high - 1})" in read("Makefile")
    assert f'target-version = "py3{low}"' in read("pyproject.toml")
    assert f"Python 3.{low} to 3.{high - 1}" in read("README.md")


def test_the_check_catches_an_undeclared_import():
    text = "import os\nimport keras\n\n\ndef plot():\n    import seaborn.plots\n"
    bad = make_module(f"{PACKAGE}/bad.py", text)
    assert undeclared(bad, {"keras", "absl-py"}) == {"seaborn"}
