"""The small nets and the public layers that go through every test.

Each file of this folder describes the nets and the layers of one family: `MODELS`, a list of
`ModelCase`, and `LAYERS`, a `LayerCase` for each layer by its name. Both may be missing.
"""

import importlib
import pkgutil
from collections.abc import Callable

import pytest

import keras_classic_cnns as kcc
from cases.case import LayerCase, ModelCase

_FAMILIES = [
    importlib.import_module(f"cases.{module.name}")
    for module in pkgutil.iter_modules(__path__)
    if module.name != "case"
]

FEW = ("lenet5", "resnet20")

# The smallest net of every family, variant and kind of block.
MODELS: list[ModelCase] = [case for family in _FAMILIES for case in getattr(family, "MODELS", ())]
# Their first net takes several seconds where others take one. Each block and each layer of theirs
# is in the usual net of another family too, as a test of the conformance suite makes sure.
LARGE_FAMILIES = {
    "cifar_preact_resnet",
    "densenet",
    "inception_resnet",
    "inception_v4",
    "se_inception",
}


def _family(case: ModelCase) -> str:
    return kcc.get_spec(case.name).family


_FIRST = {_family(case): case for case in reversed(MODELS)}


def _marked(is_usual: Callable[[ModelCase], bool]) -> list:
    """All nets as parameters; `make test` takes the usual ones, `make test-all` all."""
    return [
        pytest.param(case, id=str(case), marks=[] if is_usual(case) else [pytest.mark.exhaustive])
        for case in MODELS
    ]


# From what takes a second or two a net to what takes minutes in all.
FIRST = _marked(lambda case: case is _FIRST[_family(case)])
USUAL = _marked(lambda case: case is _FIRST[_family(case)] and _family(case) not in LARGE_FAMILIES)
MANY = _marked(lambda case: case.name in FEW)
LAYERS: dict[str, LayerCase] = {
    name: case for family in _FAMILIES for name, case in getattr(family, "LAYERS", {}).items()
}
