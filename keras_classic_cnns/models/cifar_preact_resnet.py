"""Pre-activation ResNet for CIFAR: He, Zhang, Ren, Sun, 2016, arXiv 1603.05027.

The networks the paper found its unit with. Normalisation and activation come before each
convolution and nothing comes after the sum, so that 1,001 layers train, and do better than 164.

Differences from the paper:
    - Each channel is scaled by ImageNet's mean and deviation; the paper subtracts the mean of each
      pixel.
    - The paper does not say what the shortcuts of its 110 layers do where the shape changes. Its
      appendix speaks of projections for bottlenecks only, and builds on the 110 layers of the first
      paper, which append zero channels: so does `shortcut="A"`, the default, as fb.resnet.torch
      does for CIFAR. `"B"` projects, as pytorchcv does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.conv import conv
from keras_classic_cnns.blocks.preactivation import (
    preact_basic_block,
    preact_bottleneck_block,
    preact_stack,
)
from keras_classic_cnns.core.options import choice, chosen_options
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "PreActResNet1001",
    "PreActResNet110",
    "PreActResNet164",
    "decode_predictions",
    "preprocess_input",
]

WIDTHS = (16, 32, 64)  # filters at 32x32, 16x16, 8x8


@dataclass(frozen=True)
class Config:
    """One row of Table 3."""

    unit: Callable[..., Any]
    n: int  # units in each stage


@dataclass(frozen=True)
class BasicConfig(Config):
    """Basic units: the depth is 6n + 2."""

    shortcut: str = choice(
        "A",
        "Shortcut where the shape changes: `'A'` subsamples and appends zero channels, `'B'` "
        "projects by a 1x1 convolution. Both take the activated input of the unit.",
        "A",
        "B",
    )


@dataclass(frozen=True)
class BottleneckConfig(Config):
    """Bottlenecks: the depth is 9n + 2."""

    stride_in: str = choice(
        "1x1",
        "The convolution of a bottleneck that strides: `'1x1'`, the first one (the authors' code), "
        "or `'3x3'`.",
        "1x1",
        "3x3",
    )


def body(x: Any, config: Config) -> Any:
    """A convolution, three stages of n units, and the activation that ends them."""
    x = conv(x, 16, 3, name="stem_conv")
    options = chosen_options(config)
    # the first activation comes before the paths part
    return preact_stack(x, (config.n,) * 3, WIDTHS, config.unit, first="both", **options)


FAMILY = Family(
    name="cifar_preact_resnet",
    paper=Paper(
        "Identity Mappings in Deep Residual Networks",
        "He, Zhang, Ren, Sun",
        2016,
        "https://arxiv.org/abs/1603.05027",
    ),
    body=body,
    preprocessing="torch",
    input_size=32,
    minimum_size=8,
    classes=10,
)
preprocess_input = preprocess_input_for("torch")

PreActResNet110 = FAMILY.constructor(
    "PreActResNet110",
    BasicConfig(preact_basic_block, n=18),
    "110 layers of pre-activation basic units, for CIFAR.",
)
PreActResNet164 = FAMILY.constructor(
    "PreActResNet164",
    BottleneckConfig(preact_bottleneck_block, n=18),
    "164 layers of pre-activation bottlenecks, for CIFAR.",
)
PreActResNet1001 = FAMILY.constructor(
    "PreActResNet1001",
    BottleneckConfig(preact_bottleneck_block, n=111),
    "1,001 layers of pre-activation bottlenecks, for CIFAR.",
)
