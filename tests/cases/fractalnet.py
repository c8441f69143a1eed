"""FractalNet with few filters, and its joins."""

import numpy as np

from cases.case import LayerCase, ModelCase
from keras_classic_cnns import layers

MODELS = [
    ModelCase("fractalnetdeep", 32, {"columns": 3}),
    ModelCase("fractalnetdeep", 33, {"columns": 2, "widths": (4, 8, 8, 8, 16), "per": "batch"}),
]

SHAPE = (4, 5, 6, 3)

LAYERS = {
    "FractalJoin": LayerCase(
        layers.FractalJoin, [SHAPE] * 3, lambda layer, x: np.mean(np.stack(x), axis=0)
    ),
    "FractalPath": LayerCase(
        lambda **kwargs: layers.FractalPath(3, **kwargs),
        SHAPE,
        lambda layer, x: np.ones((len(x), 3)),
        has_gradient=False,
    ),
}
