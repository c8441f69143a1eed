"""ZFNet."""

from cases.case import ModelCase

MODELS = [
    ModelCase("zfnet", 53, {"dropout": 0.0}),
    ModelCase("zfnet", 53, {"variant": "tf2cv", "dropout": 0.0}),
]
