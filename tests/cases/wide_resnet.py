"""Wide ResNet; its ImageNet form has the units of ResNeXt50, one group wide."""

from cases.case import ModelCase

MODELS = [ModelCase("wideresnet", 9, {"n": 10, "k": 2, "dropout": 0.1})]
