"""BUILD says what the imports say: every edge a dep, no dep too many, every file in one rule."""

import itertools
import os
import re
import shutil
import subprocess

import pytest
from conventions import build_file, floors
from conventions.build_file import Target, project_targets
from conventions.source_tree import (
    PACKAGE,
    ROOT,
    Module,
    make_module,
    package_modules,
    python_files,
    read,
    tracked_files,
)

# What every test loads: conftest.py and the modules that tests share.
TESTING = "testing"


def needed_labels(target: Target, files: dict[str, Module], library_of: dict[str, str]) -> set[str]:
    """The libraries that a rule's sources import, without its own."""
    modules = [files[path] for path in library_of]
    found = (floors.internal_imports(files[path], modules) for path in target.srcs)
    edges = itertools.chain.from_iterable(found)
    labels = {library_of[imported.path] for _, imported in edges} - {target.name}
    return labels | {TESTING} if target.kind == "py_test" else labels


def project_files() -> dict[str, Module]:
    return {m.path: m for m in (*package_modules(), *python_files("tests/"))}


def owners(targets: dict[str, Target], kind: str) -> dict[str, list[str]]:
    """The rules that list a file among their sources."""
    found: dict[str, list[str]] = {}
    for target in targets.values():
        if target.kind == kind:
            for path in target.srcs:
                found.setdefault(path, []).append(target.name)
    return found


def test_every_module_is_in_exactly_one_library():
    found = owners(project_targets(), "py_library")
    counts = {m.path: found.get(m.path, []) for m in package_modules()}
    assert {path: names for path, names in counts.items() if len(names) != 1} == {}


def test_every_test_folder_is_one_py_test():
    """The tests that lie in tests/ itself count as a folder; the modules beside them are shared."""
    found = owners(project_targets(), "py_test")
    shared = owners(project_targets(), "py_library")
    rules: dict[str, set[str]] = {}
    for module in python_files("tests/"):
        folder, _, file = module.path.rpartition("/")
        if file.startswith("test_"):
            rules.setdefault(folder, set()).update(found.get(module.path, ["no rule"]))
        elif folder == "tests":
            assert shared.get(module.path) == [TESTING], module.path
    assert {folder: names for folder, names in rules.items() if len(names) != 1} == {}
    tests = {target.name for target in project_targets().values() if target.kind == "py_test"}
    assert len(rules) == len(tests)
    assert set.union(*rules.values()) == tests


@pytest.mark.parametrize("target", project_targets().values(), ids=lambda t: t.name)
def test_deps_are_the_imports(target):
    library_of = floors.libraries(project_targets())
    needed = needed_labels(target, project_files(), library_of)
    listed = set(target.labels)
    assert needed - listed == set(), f"BUILD: {target.name} imports these without a dep"
    assert listed - needed == set(), f"BUILD: {target.name} has deps that nothing imports"


def test_libraries_are_the_floors_and_deps_lead_down():
    targets = {t.name: t for t in project_targets().values() if t.kind == "py_library"}
    assert set(targets) <= {*floors.FLOORS, *floors.BESIDE, TESTING}
    targets.pop(TESTING)
    wrong = {n: set(t.labels) - floors.may_import(n) for n, t in targets.items()}
    assert {name: labels for name, labels in wrong.items() if labels} == {}


def test_module_file_has_the_version():
    version = read(f"{PACKAGE}/version.py").split('__version__ = "')[1].split('"')[0]
    assert f'version = "{version}"' in read("MODULE.bazel")


EXAMPLE = """
load("@rules_python//python:defs.bzl", "py_library", "py_test")

py_library(name = "core", srcs = glob(["p/core/*.py"], exclude = ["p/core/old.py"]))

py_library(name = "layers", srcs = ["p/l.py"] + glob(["p/**/deep.py"]), deps = [":core"])

py_test(name = "t", srcs = ["tests/t.py"], main = "tests/t.py", deps = [":layers"])
"""
EXAMPLE_FILES = ("p/core/a.py", "p/core/old.py", "p/core/sub/b.py", "p/x/y/deep.py", "p/l.py")


def test_the_reader_evaluates_globs_and_sums():
    targets = build_file.parse(EXAMPLE, EXAMPLE_FILES)
    assert targets["core"].srcs == ("p/core/a.py",)
    assert targets["layers"].srcs == ("p/l.py", "p/x/y/deep.py")
    assert targets["layers"].labels == ("core",)
    assert (targets["t"].kind, targets["t"].main) == ("py_test", "tests/t.py")


def test_the_reader_refuses_a_name_given_twice():
    with pytest.raises(ValueError, match="Received: name='core'"):
        build_file.parse(EXAMPLE + 'py_library(name = "core")', EXAMPLE_FILES)


def test_the_check_sees_what_a_source_needs():
    core = make_module(f"{PACKAGE}/core/a.py", "")
    layer = make_module(f"{PACKAGE}/layers/b.py", f"from {PACKAGE}.core import a\nimport keras")
    target = Target("py_library", "layers", (layer.path,))
    library_of = {core.path: "core", layer.path: "layers"}
    files = {m.path: m for m in (core, layer)}
    assert needed_labels(target, files, library_of) == {"core"}


def test_buildifier_finds_nothing():
    program = shutil.which("buildifier")
    if program is None:
        pytest.skip("buildifier is not on PATH (npm install @bazel/buildifier)")
    files = [name for name in ("BUILD", "MODULE.bazel") if (ROOT / name).is_file()]
    command = [program, "-mode=check", "-lint=warn", *files]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


RULES_STUB = """
def py_library(**kwargs):
    native.py_library(**kwargs)

def py_test(**kwargs):
    native.py_test(**kwargs)
"""


def test_bazel_query_agrees(tmp_path):
    """Bazel itself reads BUILD, with a stand-in for rules_python: a query needs no network."""
    program = shutil.which("bazel")
    if program is None:
        pytest.skip("bazel is not on PATH (apt-get install bazel-bootstrap)")
    printed = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    numbers = re.search(r"(\d+)\.", printed)
    if numbers and int(numbers[1]) > 6:
        pytest.skip(f"{printed.strip()} fetches MODULE.bazel's dependencies; Bazel 4 to 6 need not")
    workspace, stub = tmp_path / "workspace", tmp_path / "rules_python"
    for name in tracked_files():
        if name == "BUILD" or name.startswith((f"{PACKAGE}/", "tests/", "docs/")):
            (workspace / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, workspace / name)
    (workspace / "WORKSPACE").touch()
    (stub / "python").mkdir(parents=True)
    (stub / "WORKSPACE").touch()
    (stub / "python" / "BUILD").touch()
    (stub / "python" / "defs.bzl").write_text(RULES_STUB)
    command = [program, "--batch", f"--output_user_root={tmp_path / 'out'}", "query"]
    command += [f"--override_repository=rules_python={stub}", "kind('py_.*', //...)"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    run = subprocess.run(command, cwd=workspace, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert {line.removeprefix("//:") for line in run.stdout.split()} == set(project_targets())
