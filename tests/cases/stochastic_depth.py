"""Stochastic depth, and the layers of a branch that is dropped at random."""

import numpy as np

from cases.case import LayerCase, ModelCase
from cases.resnet import LAYERS as RESNET_LAYERS
from keras_classic_cnns import layers

MODELS = [ModelCase("stochasticdepthresnet110", 8)]

SHAPE = (4, 5, 6, 3)
SEED = 0  # of draws under which no branch is dropped, so that gradients can be seen

LAYERS = {
    "GatedBatchNormalization": LayerCase(
        layers.GatedBatchNormalization, SHAPE, RESNET_LAYERS["BatchNormalization"].reference
    ),
    "StochasticDepth": LayerCase(
        lambda **kwargs: layers.StochasticDepth(0.9, seed=SEED, **kwargs),
        SHAPE,
        lambda layer, x: 0.9 * x,
    ),
    "SurvivalGate": LayerCase(
        lambda **kwargs: layers.SurvivalGate(0.75, "sample", **kwargs),
        SHAPE,
        lambda layer, x: np.full((len(x), 1), 0.75),
        has_gradient=False,
    ),
}
