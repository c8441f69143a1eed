"""Network in Network: Lin, Chen, Yan, 2013, arXiv 1312.4400.

A small perceptron instead of a linear filter slides over the image: a convolution and two 1x1
convolutions behind it, each with ReLU. The last ends in one map for each class, whose mean is the
score, so that there is no dense layer to overfit.

Differences from the paper:
    - `NiN` is the net of Caffe's model zoo; the paper has no table of the ImageNet net.
    - Convolutions start as He et al. (2015) say, which is younger than the paper.
    - Each channel is scaled by ImageNet's mean and deviation; the paper takes the global contrast
      normalisation and ZCA whitening of Goodfellow et al.
"""

from dataclasses import dataclass
from typing import Any

from keras import layers

from keras_classic_cnns.application import Family, convolutional_head, head_dtype
from keras_classic_cnns.blocks.conv import conv_act, he_normal
from keras_classic_cnns.core.options import rate
from keras_classic_cnns.layers import PaddedAveragePooling2D, PaddedMaxPooling2D
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["NiN", "NiNCIFAR", "decode_predictions", "preprocess_input"]


@dataclass(frozen=True)
class MLPConv:
    """A convolution, the 1x1 convolutions behind it, and what closes the stage."""

    filters: int
    kernel_size: int
    widths: tuple[int, ...]  # of the 1x1 convolutions; the very last one belongs to the head
    strides: int = 1
    padding: int | str = "half"
    pool: Any = None  # 3x3, stride 2; rounded up, as Caffe does
    drops_input: bool = False


@dataclass(frozen=True)
class Config:
    """The stages of a net."""

    stages: tuple[MLPConv, ...]
    dropout: float = rate(0.5, "Rate of dropout between stages, in [0, 1).")


CIFAR = (  # 32x32
    MLPConv(192, 5, (160, 96), pool=PaddedMaxPooling2D),  # 16
    MLPConv(192, 5, (192, 192), pool=PaddedAveragePooling2D, drops_input=True),  # 8
    MLPConv(192, 3, (192,), drops_input=True),
)
IMAGENET = (  # 227x227
    MLPConv(96, 11, (96, 96), strides=4, padding="valid", pool=PaddedMaxPooling2D),  # 55 -> 27
    MLPConv(256, 5, (256, 256), pool=PaddedMaxPooling2D),  # 13
    MLPConv(384, 3, (384, 384), pool=PaddedMaxPooling2D),  # 6
    MLPConv(1024, 3, (1024,), drops_input=True),
)


def mlpconv(x: Any, stage: MLPConv, dropout: float, *, name: str) -> Any:
    """A stage: relu(conv1x1(... relu(conv(x)))), then pooling."""
    if stage.drops_input and dropout:
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = conv_act(
        x,
        stage.filters,
        stage.kernel_size,
        strides=stage.strides,
        padding=stage.padding,
        name=f"{name}_conv1",
    )
    for number, filters in enumerate(stage.widths, start=2):
        x = conv_act(x, filters, 1, name=f"{name}_conv{number}")
    return stage.pool(3, 2, ceil_mode=True, name=f"{name}_pool")(x) if stage.pool else x


def body(x: Any, config: Config) -> Any:
    """All stages, but for the last 1x1 convolution."""
    for number, stage in enumerate(config.stages, start=1):
        x = mlpconv(x, stage, config.dropout, name=f"stage{number}")
    return x


def head(x: Any, config: Config, classes: int, activation: Any) -> Any:
    """The last 1x1 convolution, a map for each class, and its mean."""
    x = layers.Conv2D(
        classes, 1, kernel_initializer=he_normal(), dtype=head_dtype(), name="class_conv"
    )(x)
    x = layers.ReLU(dtype=head_dtype(), name="class_relu")(x)
    return convolutional_head(x, activation)


PAPER = Paper("Network In Network", "Lin, Chen, Yan", 2013, "https://arxiv.org/abs/1312.4400")
FAMILY = Family(
    name="nin",
    paper=PAPER,
    body=body,
    head=head,
    preprocessing="torch",
    input_size=227,
    minimum_size=55,
)
CIFAR_FAMILY = Family(
    name="nin",
    paper=PAPER,
    body=body,
    head=head,
    preprocessing="torch",
    input_size=32,
    minimum_size=8,
    classes=10,
)
preprocess_input = preprocess_input_for("torch")

NiN = FAMILY.constructor("NiN", Config(IMAGENET), "four stages, twelve convolutions.")
NiNCIFAR = CIFAR_FAMILY.constructor(
    "NiNCIFAR", Config(CIFAR), "three stages, nine convolutions, for CIFAR."
)
