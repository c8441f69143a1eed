"""SENet in its forms."""

from cases.case import ModelCase

MODELS = [
    ModelCase("seresnet18", 32),
    ModelCase("seresnet18", 33, {"variant": "timm_legacy"}),
    ModelCase("seresnet50", 32, {"variant": "timm"}),
    ModelCase("seresnext50", 32),
    ModelCase("senet154", 32),
]

LAYERS = {}
