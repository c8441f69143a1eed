"""Every public symbol says what it is; layers, models and recipes say where they come from."""

import pytest
from conventions import docstrings
from conventions.source_tree import make_module, package_modules

MODULES = package_modules()


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.path)
def test_public_symbols_have_docstrings(module):
    assert docstrings.docstring_violations(module) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.path)
def test_layers_models_and_recipes_name_their_source(module):
    assert docstrings.source_violations(module) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.path)
def test_layers_show_an_example(module):
    assert docstrings.example_violations(module) == []


BAD_TEXT = '''
class Shape:
    def area(self):
        return 1

    def _hidden(self):
        return 2


class Layer(Base):
    """A layer."""

    def call(self, inputs):
        """Calls the layer."""

    def compute_output_shape(self, shape):
        return shape


def function():
    return 3
'''


def test_the_check_catches_missing_and_idle_docstrings():
    path = "keras_classic_cnns/core/bad.py"
    assert docstrings.docstring_violations(make_module(path, BAD_TEXT)) == [
        f"{path}:1 has no module docstring",
        f"{path}:2 Shape: no docstring",
        f"{path}:3 Shape.area: no docstring",
        f"{path}:13 Layer.call: Keras documents this method",
        f"{path}:20 function: no docstring",
    ]


BAD_SOURCES = {
    "keras_classic_cnns/layers/bad.py": ('class Thing:\n    """A thing."""', "Thing: no Source"),
    "keras_classic_cnns/recipes/bad.py": ('class Rate:\n    """A rate."""', "Rate: no Source"),
    "keras_classic_cnns/models/undated.py": (
        '"""A net, by somebody.\n\nDifferences from the paper: none.\n"""',
        "no year in its first line",
    ),
    "keras_classic_cnns/models/silent.py": (
        '"""A net: Somebody, 2015."""',
        "no 'Differences from the paper'",
    ),
}


@pytest.mark.parametrize("path", BAD_SOURCES)
def test_the_check_catches_a_missing_source(path):
    text, message = BAD_SOURCES[path]
    wrong = docstrings.source_violations(make_module(path, text))
    assert len(wrong) == 1
    assert message in wrong[0]


def test_the_check_catches_a_layer_without_an_example():
    text = '@keras.saving.register_keras_serializable()\nclass Thing:\n    """A thing."""'
    bad = make_module("keras_classic_cnns/layers/bad.py", text)
    assert docstrings.example_violations(bad) == [
        "keras_classic_cnns/layers/bad.py:2 Thing: no Example"
    ]
