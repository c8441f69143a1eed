"""ResNet: He, Zhang, Ren, Sun, 2015, arXiv 1512.03385.

A unit of a few convolutions learns what to add to its input instead of what to put in its place:
y = F(x) + x. The sum lets signal and gradient pass any number of units unchanged, so that 152
layers train where 34 plain ones already get worse. The plain nets of the paper's comparison are
here too.

Differences from the paper:
    - Bottlenecks stride on the 3x3 convolution, as fb.resnet.torch, torchvision and timm do;
      `stride_in="1x1"` strides on the first 1x1, as the paper does. Parameters are the same.
    - Batch normalisation keeps moving averages; the paper's statistics are means over a large
      batch taken after training.
    - The first pooling is padded by one place and rounds down, as in torchvision; that of the
      authors' Caffe files is not padded and rounds up. Their ResNet-50 has a bias in its first
      convolution too, 25,557,096 parameters.
    - No convolution has a bias. Those of keras.applications all do, in front of batch
      normalisation: 25,636,712, 44,707,176 and 60,419,944 parameters, statistics included.
    - The weight decay is 1e-4, in the paper and in the authors' code; lecture 9 of CS231n prints
      1e-5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.residual import (
    basic_block,
    bottleneck_block,
    imagenet_stem,
    shortcut_option,
    stack,
    unit_options,
    zero_init_option,
)
from keras_classic_cnns.core.options import choice
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "PlainNet18",
    "PlainNet34",
    "ResNet101",
    "ResNet152",
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "decode_predictions",
    "preprocess_input",
]

WIDTHS = (64, 128, 256, 512)  # filters of conv2_x ... conv5_x


@dataclass(frozen=True)
class PlainConfig:
    """One column of Table 1, without shortcuts."""

    unit: Callable[..., Any]
    depths: tuple[int, ...]  # units in conv2_x ... conv5_x


@dataclass(frozen=True)
class Config(PlainConfig):
    """One column of Table 1."""

    shortcut: str = shortcut_option("B")
    zero_init_last_gamma: bool = zero_init_option()


@dataclass(frozen=True)
class BottleneckConfig(Config):
    """One of the last three columns of Table 1."""

    stride_in: str = choice(
        "3x3",
        "The convolution of a bottleneck that strides: `'3x3'` (torchvision) or `'1x1'` (paper).",
        "3x3",
        "1x1",
    )


def body(x: Any, config: PlainConfig) -> Any:
    """conv1 to conv5_x of Table 1."""
    x = imagenet_stem(x)  # 224 -> 56
    return stack(x, config.depths, WIDTHS, config.unit, **unit_options(config))


FAMILY = Family(
    name="resnet",
    paper=Paper(
        "Deep Residual Learning for Image Recognition",
        "He, Zhang, Ren, Sun",
        2015,
        "https://arxiv.org/abs/1512.03385",
    ),
    body=body,
    preprocessing="torch",
)
preprocess_input = preprocess_input_for("torch")

# Table 1, with the units in conv2_x, conv3_x, conv4_x and conv5_x
ResNet18 = FAMILY.constructor(
    "ResNet18", Config(basic_block, (2, 2, 2, 2)), "18 layers of basic units."
)
ResNet34 = FAMILY.constructor(
    "ResNet34", Config(basic_block, (3, 4, 6, 3)), "34 layers of basic units."
)
ResNet50 = FAMILY.constructor(
    "ResNet50", BottleneckConfig(bottleneck_block, (3, 4, 6, 3)), "50 layers of bottlenecks."
)
ResNet101 = FAMILY.constructor(
    "ResNet101", BottleneckConfig(bottleneck_block, (3, 4, 23, 3)), "101 layers of bottlenecks."
)
ResNet152 = FAMILY.constructor(
    "ResNet152", BottleneckConfig(bottleneck_block, (3, 8, 36, 3)), "152 layers of bottlenecks."
)
PlainNet18 = FAMILY.constructor(
    "PlainNet18", PlainConfig(basic_block, (2, 2, 2, 2)), "ResNet18 without its shortcuts."
)
PlainNet34 = FAMILY.constructor(
    "PlainNet34", PlainConfig(basic_block, (3, 4, 6, 3)), "ResNet34 without its shortcuts."
)
