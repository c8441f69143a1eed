"""NASNet's cells at their narrowest, and its drop-path."""

from cases.case import LayerCase, ModelCase
from keras_classic_cnns import layers

# five samples a step are too few for half of the features to be dropped, or a third of the paths
STILL = {"cells": 1, "dropout": 0.0}

MODELS = [
    ModelCase("nasnetcifar", 8, {"cells": 1, "filters": 48, "drop_path_steps": 1000}),
    ModelCase("nasnetmobile", 32, {**STILL, "filters": 192}),
    ModelCase("nasnetmobile", 33, {**STILL, "filters": 96, "variant": "slim"}),
]

LAYERS = {
    "ScheduledDropPath": LayerCase(
        lambda **kwargs: layers.ScheduledDropPath(0.3, depth=0.5, total_steps=4, **kwargs),
        (4, 5, 6, 3),
        lambda layer, x: x,
    ),
}
