"""The network that the first controller wrote."""

from cases.case import ModelCase

MODELS = [ModelCase("nasrlv1", 8)]
