"""Inception-v4 at its smallest."""

from cases.case import ModelCase

MODELS = [ModelCase("inceptionv4", 75, {"variant": "torch"})]
