"""Looking at any Keras model: what it costs, layer by layer."""

import importlib
from typing import Any

from keras_classic_cnns.analysis.cost import Cost, Row, Totals, cost

__all__ = ["Cost", "Row", "Totals", "TrainingMemory", "cost", "training_memory"]


def __getattr__(name: str) -> Any:
    """Loads what needs TensorFlow itself on first use."""
    if name in ("TrainingMemory", "training_memory"):
        return getattr(importlib.import_module(f"{__name__}.memory"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
