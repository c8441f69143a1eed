"""A net that builds in milliseconds, and a file of another library that fits it."""

import keras
import numpy as np
from keras import layers

import keras_classic_cnns as kcc
from keras_classic_cnns.weights.key_map import KeyMap

RULES = (
    ("(conv\\d|bn)", "{1}"),
    ("fc", "predictions"),
    ("side", "aux1"),
    ("side_fc", "aux1_fc"),
)
KEYS = KeyMap("mine", "me", RULES, (), optional=("fc\\..*",))
AUX = ("side_fc.weight", "side_fc.bias", "side.weight", "side.bias")


def net(*, aux=False, classes=5, gamma=True, channels=3, top=True):
    """Two convolutions, batch normalisation, perhaps a classifier and an auxiliary head."""
    image = keras.Input((4, 4, channels))
    x = layers.Conv2D(6, 3, name="conv1")(image)
    x = layers.Conv2D(2, 1, use_bias=False, name="conv2")(x)
    x = layers.BatchNormalization(scale=gamma, name="bn")(x)
    x = layers.GlobalAveragePooling2D()(x)
    if not top:
        return keras.Model(image, x, name="small")
    outputs = {"predictions": layers.Dense(classes, name="predictions")(x)}
    if aux:
        y = layers.Dense(4, name="aux1_fc")(x)
        outputs["aux1"] = kcc.layers.AuxiliaryClassifier(classes, name="aux1")(y)
    return keras.Model(image, outputs, name="small")


def arrays(*, aux=False, classes=5):
    """A state dict of it in torch's layout, all values different."""
    shapes = {
        "conv1.weight": (6, 3, 3, 3),
        "conv1.bias": (6,),
        "conv2.weight": (2, 6, 1, 1),
        **{f"bn.{name}": (2,) for name in ("weight", "bias", "running_mean", "running_var")},
        "fc.weight": (classes, 2),
        "fc.bias": (classes,),
    }
    if aux:
        sides = ((4, 2), (4,), (classes, 4), (classes,))
        shapes |= dict(zip(AUX, sides, strict=True))
    random = np.random.RandomState(0)
    return {key: random.uniform(1, 2, shape).astype("float32") for key, shape in shapes.items()}
