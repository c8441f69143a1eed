"""Pre-activation ResNet in its three graphs, and for CIFAR."""

from cases.case import ModelCase

MODELS = [
    ModelCase("preactresnet18", 32),
    ModelCase("preactresnet18", 33, {"variant": "fb"}),
    ModelCase("preactresnet50", 32, {"variant": "pytorchcv", "stride_in": "1x1"}),
    ModelCase("preactresnet110", 8),
]
