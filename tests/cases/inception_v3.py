"""Inception-v3 at its smallest."""

from cases.case import ModelCase

MODELS = [ModelCase("inceptionv3", 75)]
