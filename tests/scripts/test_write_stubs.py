"""The type stub says what the constructors take."""

import ast
import importlib.util
import inspect
from pathlib import Path

import keras_classic_cnns as kcc

SCRIPT = Path(__file__).parents[2] / "scripts" / "write_stubs.py"


def script():
    spec = importlib.util.spec_from_file_location("write_stubs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stub_is_in_step_with_the_registry():
    module = script()
    assert module.STUB.read_text() == module.stub(), "run: python scripts/write_stubs.py"


def test_the_stub_is_python_with_the_real_arguments():
    functions = {
        node.name: node
        for node in ast.parse(script().STUB.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    assert set(functions) == {kcc.get_spec(name).constructor for name in kcc.list_models()}
    for name, node in functions.items():
        arguments = [arg.arg for arg in node.args.args + node.args.kwonlyargs]
        assert arguments == list(inspect.signature(getattr(kcc, name)).parameters)
