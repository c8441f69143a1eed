"""The small nets and the public layers that go through every test.

Each file of this folder describes the nets and the layers of one family: `MODELS`, a list of
`ModelCase`, and `LAYERS`, a `LayerCase` for each layer by its name. Both may be missing.
"""

import importlib
import pkgutil

from cases.case import LayerCase, ModelCase

_FAMILIES = [
    importlib.import_module(f"cases.{module.name}")
    for module in pkgutil.iter_modules(__path__)
    if module.name != "case"
]

# The smallest net of every family, variant and kind of block.
MODELS: list[ModelCase] = [case for family in _FAMILIES for case in getattr(family, "MODELS", ())]
LAYERS: dict[str, LayerCase] = {
    name: case for family in _FAMILIES for name, case in getattr(family, "LAYERS", {}).items()
}
