"""Both nets of the paper at their smallest."""

from cases.case import ModelCase

MODELS = [
    ModelCase("inceptionresnetv1", 75),
    ModelCase("inceptionresnetv2", 75),
]
