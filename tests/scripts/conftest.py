"""Scripts as modules, a cache of their own, and a server that does what a test says."""

import importlib.util
import os
from pathlib import Path

import pytest
from weights.conftest import cache_folder, server  # noqa: F401

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture(scope="session")
def load_script():
    """`load_script("pin_hashes")` is that script as a module; the environment stays as it was."""

    def load(name):
        before = dict(os.environ)
        spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        os.environ.clear()
        os.environ.update(before)
        return module

    return load
