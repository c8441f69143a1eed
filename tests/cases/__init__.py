"""The small nets and the public layers that go through every test.

Each file of this folder describes the nets and the layers of one family: `MODELS`, a list of
`ModelCase`, and `LAYERS`, a `LayerCase` for each layer by its name. Both may be missing.
"""

import importlib
import pkgutil

import pytest

from cases.case import LayerCase, ModelCase

_FAMILIES = [
    importlib.import_module(f"cases.{module.name}")
    for module in pkgutil.iter_modules(__path__)
    if module.name != "case"
]

FEW = ("lenet5", "resnet20")

# The smallest net of every family, variant and kind of block.
MODELS: list[ModelCase] = [case for family in _FAMILIES for case in getattr(family, "MODELS", ())]
# All of them as parameters, for what takes seconds a net: only a few are not marked.
MANY = [
    pytest.param(case, id=str(case), marks=[] if case.name in FEW else [pytest.mark.exhaustive])
    for case in MODELS
]
LAYERS: dict[str, LayerCase] = {
    name: case for family in _FAMILIES for name, case in getattr(family, "LAYERS", {}).items()
}
