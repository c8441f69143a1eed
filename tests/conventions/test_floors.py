"""A module imports only from the floors below it (docs/architecture.md)."""

import pytest
from conventions import floors
from conventions.build_file import project_targets
from conventions.source_tree import make_module, package_modules

MODULES = package_modules()


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.path)
def test_imports_only_from_floors_below(module):
    library_of = floors.libraries(project_targets())
    assert floors.floor_violations(module, MODULES, library_of) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.path)
def test_keras_tensorflow_and_slow_packages_stay_where_they_belong(module):
    assert floors.backend_violations(module) == []


def test_no_import_cycles():
    assert floors.import_cycles(MODULES) == []


def test_named_fast_paths_exist_and_need_their_name():
    """An exception nobody uses any more is one too many."""
    stale = [
        path
        for path in floors.TENSORFLOW_FILES
        if not any(m.path == path and "tensorflow" in m.text for m in MODULES)
    ]
    assert stale == []


BAD_FLOORS = {
    "keras_classic_cnns/layers/up.py": (
        "from keras_classic_cnns.models import resnet",
        "layers must not depend on models",
    ),
    "keras_classic_cnns/layers/inside.py": (
        "def f():\n    from keras_classic_cnns import registry",
        "layers must not depend on facts",
    ),
    "keras_classic_cnns/layers/relative.py": (
        "from ..models.resnet import body",
        "layers must not depend on models",
    ),
    "keras_classic_cnns/models/other.py": (
        "from keras_classic_cnns.models.resnet import body",
        "belongs into blocks or layers",
    ),
    "keras_classic_cnns/training/face.py": (
        "import keras_classic_cnns as kcc",
        "training must not depend on faces",
    ),
    "keras_classic_cnns/analysis/knows.py": (
        "import importlib\nimportlib.import_module('keras_classic_cnns.registry')",
        "analysis must not depend on facts",
    ),
    "keras_classic_cnns/export/sideways.py": (
        "from keras_classic_cnns.recipes import for_model",
        "another room of its own floor",
    ),
}


@pytest.mark.parametrize("path", BAD_FLOORS)
def test_the_check_catches_an_import_that_leads_up_or_sideways(path):
    text, message = BAD_FLOORS[path]
    bad = make_module(path, text)
    around = [
        make_module(f"keras_classic_cnns/{name}.py", "")
        for name in ("__init__", "registry", "models/__init__", "models/resnet", "recipes/__init__")
    ]
    library_of = {
        "keras_classic_cnns/__init__.py": "faces",
        "keras_classic_cnns/registry.py": "facts",
        "keras_classic_cnns/models/__init__.py": "models",
        "keras_classic_cnns/models/resnet.py": "models",
        "keras_classic_cnns/recipes/__init__.py": "tools",
    }
    floor_of_folder = {"export": "tools"}
    library_of[path] = floor_of_folder.get(bad.folder, bad.folder)
    wrong = floors.floor_violations(bad, [bad, *around], library_of)
    assert len(wrong) == 1
    assert message in wrong[0]


BAD_BACKENDS = {
    "keras_classic_cnns/core/a.py": ("import keras", "neither keras nor tensorflow"),
    "keras_classic_cnns/blocks/b.py": ("def f():\n    import tensorflow as tf", "keras.ops"),
    "keras_classic_cnns/layers/c.py": ("from tensorflow import nn", "keras.ops"),
    "keras_classic_cnns/training/d.py": ("import matplotlib.pyplot", "inside the function"),
}


@pytest.mark.parametrize("path", BAD_BACKENDS)
def test_the_check_catches_a_forbidden_package(path):
    text, message = BAD_BACKENDS[path]
    wrong = floors.backend_violations(make_module(path, text))
    assert len(wrong) == 1
    assert message in wrong[0]


def test_the_check_allows_what_is_right():
    good = make_module(
        "keras_classic_cnns/training/good.py",
        "import keras\ndef plot():\n    import matplotlib.pyplot as plt",
    )
    assert floors.backend_violations(good) == []


def test_the_check_catches_a_cycle():
    a = make_module("keras_classic_cnns/core/a.py", "from keras_classic_cnns.core import b")
    b = make_module("keras_classic_cnns/core/b.py", "import keras_classic_cnns.core.a")
    assert floors.import_cycles([a, b]) == [
        "keras_classic_cnns.core.a -> keras_classic_cnns.core.b -> keras_classic_cnns.core.a"
    ]
