"""Adding an architecture touches four places, and adding a module a fifth: its test.

The places: its file in models/, the export in models/__init__.py, its row in tests/goldens, and its
page in docs/models. Whoever forgets one is told which.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pytest
from conventions.source_tree import (
    PACKAGE,
    make_module,
    package_modules,
    python_files,
    read,
    tracked_files,
)
from goldens.models_file import read_goldens

import keras_classic_cnns as kcc

MODEL_FILES = [m for m in package_modules() if m.folder == "models" and m.stem != "__init__"]
FAMILY_FILES = [m.stem for m in MODEL_FILES if not m.is_private]


@dataclass(frozen=True)
class Places:
    """What the four places hold: family files, exported names, golden keys, pages by family."""

    files: Collection[str]
    exports: Collection[str]
    goldens: Collection[str]
    pages: Mapping[str, str]


def forgotten_places(spec: kcc.registry.ModelSpec, places: Places) -> list[str]:
    """What is missing of a registered architecture, in words that say where it goes."""
    page = places.pages.get(spec.family, "")
    named = re.search(rf"(?<!\w){spec.constructor}(?!\w)", page)
    missing = {
        f"its file {PACKAGE}/models/{spec.family}.py": spec.family in places.files,
        f"the export of {spec.constructor} in {PACKAGE}/models/__init__.py": (
            spec.constructor in places.exports
        ),
        f"a row {spec.name!r} in tests/goldens/models/{spec.family}.json": spec.name
        in places.goldens,
        f"{spec.constructor} in its page docs/models/{spec.family}.md": named is not None,
    }
    return [f"{spec.constructor} lacks {place}" for place, there in missing.items() if not there]


def project_places() -> Places:
    pages = [n for n in tracked_files() if re.fullmatch(r"docs/models/[^/]+\.md", n)]
    return Places(
        FAMILY_FILES,
        kcc.models.__all__,
        read_goldens(),
        {n.rsplit("/", 1)[-1].removesuffix(".md"): read(n) for n in pages},
    )


def modules_without_tests(paths: Collection[str], tests: Collection[str]) -> list[str]:
    """Modules of the package that have no test file of their name.

    Private ones are tested through those that use them, models/ by the conformance suite, and the
    version by the changelog.
    """
    missing = []
    for module in (make_module(path, "") for path in paths):
        if module.is_private or module.folder == "models" or module.stem in ("__init__", "version"):
            continue
        folder = f"tests/{module.folder}/" if module.folder else "tests/"
        wanted = f"test_{module.stem}.py"
        if not any(t.startswith(folder) and t.endswith(f"/{wanted}") for t in tests):
            missing.append(f"{module.path} lacks {folder}{wanted}")
    return missing


@pytest.mark.parametrize("name", kcc.list_models())
def test_every_architecture_is_in_its_four_places(name):
    assert forgotten_places(kcc.get_spec(name), project_places()) == []


def test_every_family_file_registers_something():
    """A file that the export forgets is never imported, so its architectures do not exist."""
    families = {kcc.get_spec(name).family for name in kcc.list_models()}
    assert set(FAMILY_FILES) - families == set(), f"not exported by {PACKAGE}/models/__init__.py"


def test_nothing_is_left_of_removed_architectures():
    places = project_places()
    assert set(places.goldens) - set(kcc.list_models()) == set()
    assert set(places.pages) - set(FAMILY_FILES) == set()


def test_every_module_has_its_tests():
    paths = [m.path for m in package_modules()]
    tests = [m.path for m in python_files("tests/")]
    assert modules_without_tests(paths, tests) == []


SPEC = kcc.registry.ModelSpec(
    name="bignet9",
    constructor="BigNet9",
    family="bignet",
    summary="",
    paper=kcc.registry.Paper("", "", 2000, ""),
    input_size=32,
    minimum_size=32,
    channels=3,
    classes=10,
    preprocessing="torch",
)
COMPLETE = {
    "files": ["bignet"],
    "exports": ["BigNet9"],
    "goldens": ["bignet9"],
    "pages": {"bignet": "`BigNet9`"},
}


def test_the_check_is_content_with_four_places():
    assert forgotten_places(SPEC, Places(**COMPLETE)) == []


@pytest.mark.parametrize(
    ("place", "empty", "message"),
    [
        ("files", [], "its file keras_classic_cnns/models/bignet.py"),
        ("exports", ["BigNet90"], "the export of BigNet9 in"),
        ("goldens", ["bignet"], "a row 'bignet9' in tests/goldens/models/bignet.json"),
        ("pages", {"bignet": "`BigNet90`"}, "BigNet9 in its page docs/models/bignet.md"),
        ("pages", {}, "BigNet9 in its page docs/models/bignet.md"),
    ],
)
def test_the_check_names_the_place_that_was_forgotten(place, empty, message):
    wrong = forgotten_places(SPEC, Places(**{**COMPLETE, place: empty}))
    assert len(wrong) == 1
    assert message in wrong[0]


def test_the_check_names_the_module_without_tests():
    paths = [f"{PACKAGE}/core/a.py", f"{PACKAGE}/core/b.py", f"{PACKAGE}/cli.py"]
    tests = ["tests/core/test_b.py", "tests/cli/test_cli.py", "tests/layers/test_a.py"]
    assert modules_without_tests(paths, tests) == [
        f"{PACKAGE}/core/a.py lacks tests/core/test_a.py"
    ]
