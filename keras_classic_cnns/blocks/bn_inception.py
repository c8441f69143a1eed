"""The body of BN-Inception, shared with its version that has squeeze-and-excitation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import layers

from keras_classic_cnns.blocks.conv import conv_bn_act
from keras_classic_cnns.layers import PaddedAveragePooling2D, PaddedMaxPooling2D


@dataclass(frozen=True)
class Module:
    """A row of the table: filters of each branch, and what its pooling is.

    Args:
        one: Of the 1x1 convolution; `None` where the module halves the map.
        three: Of the 1x1 and the 3x3 convolution.
        double: Of the 1x1 and the two 3x3 convolutions.
        pool: `"avg"` or `"max"`.
        pool_proj: Of the 1x1 convolution behind the pooling; `None` where the module halves.
    """

    one: int | None
    three: tuple[int, int]
    double: tuple[int, int, int]
    pool: str
    pool_proj: int | None


# Figure 5 of the paper, with the stage that each output belongs to
TABLE = {
    "stage1": {  # 28x28
        "3a": Module(64, (64, 64), (64, 96, 96), "avg", 32),
        "3b": Module(64, (64, 96), (64, 96, 96), "avg", 64),
    },
    "stage2": {  # 14x14
        "3c": Module(None, (128, 160), (64, 96, 96), "max", None),
        "4a": Module(224, (64, 96), (96, 128, 128), "avg", 128),
        "4b": Module(192, (96, 128), (96, 128, 128), "avg", 128),
        "4c": Module(160, (128, 160), (128, 160, 160), "avg", 128),
        "4d": Module(96, (128, 192), (160, 192, 192), "avg", 128),
    },
    "stage3": {  # 7x7
        "4e": Module(None, (128, 192), (192, 256, 256), "max", None),
        "5a": Module(352, (192, 320), (160, 224, 224), "avg", 128),
        "5b": Module(352, (192, 320), (192, 224, 224), "max", 128),
    },
}


def bn_inception(x: Any, on_concat: Callable[..., Any] | None = None) -> Any:
    """The stem and ten modules.

    Args:
        x: `(batch, height, width, channels)`.
        on_concat: `on_concat(y, name=name)`, what is done to the output of each module, such as
            squeeze-and-excitation; its layers' names begin with `<name>_`.

    Returns:
        `(batch, height / 32, width / 32, 1024)`, rounded up or nearly so.
    """
    x = conv_bn_act(x, 64, 7, strides=2, prefix="stem", suffix="1")  # 224 -> 112
    x = PaddedMaxPooling2D(3, 2, ceil_mode=True, name="stem_pool1")(x)  # 56
    x = conv_bn_act(x, 64, 1, prefix="stem", suffix="2")
    x = conv_bn_act(x, 192, 3, prefix="stem", suffix="3")
    x = PaddedMaxPooling2D(3, 2, ceil_mode=True, name="stem_pool2")(x)  # 28
    for stage, modules in TABLE.items():
        for key, module in modules.items():
            name = f"{stage}_inception{key}"
            x = inception(x, module, name=name)
            if on_concat is not None:
                x = on_concat(x, name=name)
    return x


def inception(x: Any, module: Module, *, name: str) -> Any:
    """A module: a 1x1, a 3x3, two 3x3 in a row, and a pooling, side by side.

    Args:
        x: `(batch, height, width, channels)`.
        module: Its filters.
        name: What the layers' names begin with.

    Returns:
        A map of the same size, or of half of it (rounded up) for a module without `pool_proj`.
    """
    strides = 2 if module.pool_proj is None else 1
    outputs = []
    if module.one is not None:
        outputs.append(conv_bn_act(x, module.one, 1, prefix=f"{name}_one"))

    y = conv_bn_act(x, module.three[0], 1, prefix=f"{name}_three", suffix="1")
    outputs.append(
        conv_bn_act(y, module.three[1], 3, strides=strides, prefix=f"{name}_three", suffix="2")
    )

    y = conv_bn_act(x, module.double[0], 1, prefix=f"{name}_double", suffix="1")
    y = conv_bn_act(y, module.double[1], 3, prefix=f"{name}_double", suffix="2")
    outputs.append(
        conv_bn_act(y, module.double[2], 3, strides=strides, prefix=f"{name}_double", suffix="3")
    )

    y = _pool(x, module.pool, strides, name=f"{name}_pool")
    if module.pool_proj is not None:
        y = conv_bn_act(y, module.pool_proj, 1, prefix=f"{name}_pool")
    outputs.append(y)
    return layers.Concatenate(name=f"{name}_concat")(outputs)


def _pool(x: Any, kind: str, strides: int, *, name: str) -> Any:
    if kind == "avg":  # Caffe counts the padding
        return PaddedAveragePooling2D(3, strides, padding=1, name=name)(x)
    # With stride 2 on an even map "same" is Caffe's pooling, unpadded and reaching over the end. On
    # an odd map Caffe's would be a place smaller than the convolutions beside it.
    return layers.MaxPooling2D(3, strides, padding="same", name=name)(x)
