"""VGG: one net, since each has over a hundred million weights, at any size."""

from cases.case import ModelCase

MODELS = [ModelCase("vgg11", 32, {"batch_norm": True, "dropout": 0.0})]
