"""Network in Network, for ImageNet and for CIFAR."""

from cases.case import ModelCase

MODELS = [
    ModelCase("nin", 55, {"dropout": 0.0}),
    ModelCase("nincifar", 8, {"dropout": 0.0}),
]
