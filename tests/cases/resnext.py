"""ResNeXt and its grouped convolution."""

import numpy as np

from cases.case import LayerCase, ModelCase, conv2d
from keras_classic_cnns import layers

MODELS = [
    ModelCase("resnext50", 32),
    ModelCase("resnext29_8x64d", 8, {"groups": 4, "group_width": 8}),
]


def _grouped(layer, x):
    return conv2d(x, np.asarray(layer.kernel), groups=4) + np.asarray(layer.bias)


LAYERS = {
    "GroupedConv2D": LayerCase(
        lambda **kwargs: layers.GroupedConv2D(8, 3, groups=4, **kwargs), (2, 7, 6, 12), _grouped
    ),
}
