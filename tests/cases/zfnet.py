"""ZFNet."""

from cases.case import ModelCase

MODELS = [ModelCase("zfnet", 53, {"dropout": 0.0})]
