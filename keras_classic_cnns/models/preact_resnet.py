"""Pre-activation ResNet: He, Zhang, Ren, Sun, 2016, arXiv 1603.05027.

Normalisation and activation move in front of the convolutions, so that nothing touches the sum any
more: from any unit to any later one the signal, and back again the gradient, finds a path of plain
additions. This is the residual unit that trains at 1,001 layers; those nets, for CIFAR, are in
`cifar_preact_resnet`.

Differences from the paper:
    - It has the first activation right behind the first convolution, before the paths part:
      `variant="fb"`, after fb.resnet.torch, whose stem activates before it pools, and whose first
      unit then needs no activation. The default is timm's graph, which has public weights: its stem
      pools what is not activated, and the first unit activates like the others (so that the
      shortcut of the first basic unit is not activated). `variant="pytorchcv"` does both.
    - Bottlenecks stride on the 3x3 convolution, as fb.resnet.torch and timm do; `stride_in="1x1"`
      strides on the first 1x1, as the first paper does. Parameters are the same.
    - The paper has 200 layers on ImageNet; the other depths are those of ResNet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.conv import conv
from keras_classic_cnns.blocks.preactivation import (
    activate,
    preact_basic_block,
    preact_bottleneck_block,
    preact_stack,
)
from keras_classic_cnns.core.options import choice, chosen_options
from keras_classic_cnns.layers import PaddedMaxPooling2D
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "PreActResNet101",
    "PreActResNet152",
    "PreActResNet18",
    "PreActResNet200",
    "PreActResNet34",
    "PreActResNet50",
    "decode_predictions",
    "preprocess_input",
]

WIDTHS = (64, 128, 256, 512)  # filters of conv2_x ... conv5_x

# Whether the stem is activated, and the pre-activation of the first unit
VARIANTS = {"timm": (False, "branch"), "fb": (True, "none"), "pytorchcv": (True, "branch")}


@dataclass(frozen=True)
class Config:
    """One column of Table 1 of ResNet, with pre-activation units."""

    unit: Callable[..., Any]
    depths: tuple[int, ...]  # units in conv2_x ... conv5_x
    variant: str = choice(
        "timm",
        "Where the first normalisation and activation are: `'timm'` has them in the first unit "
        "only, `'fb'` (the paper) in the stem only, before its pooling, `'pytorchcv'` in both.",
        *VARIANTS,
    )


@dataclass(frozen=True)
class BottleneckConfig(Config):
    """The same for bottlenecks."""

    stride_in: str = choice(
        "3x3",
        "The convolution of a bottleneck that strides: `'3x3'` (timm, fb.resnet.torch) or `'1x1'`.",
        "3x3",
        "1x1",
    )


def stem(x: Any, *, activated: bool) -> Any:
    """7x7 convolution, activation or none, 3x3 max pooling: a quarter of the size."""
    x = conv(x, 64, 7, strides=2, name="stem_conv")
    if activated:
        x = activate(x, prefix="stem")
    # padded by minus infinity: what is not activated may be below zero
    return PaddedMaxPooling2D(3, 2, padding=1, name="stem_pool")(x)


def body(x: Any, config: Config) -> Any:
    """The stem, conv2_x to conv5_x, and the activation that ends them."""
    options = chosen_options(config)
    activated, first = VARIANTS[options.pop("variant")]
    x = stem(x, activated=activated)  # 224 -> 56
    return preact_stack(x, config.depths, WIDTHS, config.unit, first=first, **options)


FAMILY = Family(
    name="preact_resnet",
    paper=Paper(
        "Identity Mappings in Deep Residual Networks",
        "He, Zhang, Ren, Sun",
        2016,
        "https://arxiv.org/abs/1603.05027",
    ),
    body=body,
    preprocessing="torch",
)
preprocess_input = preprocess_input_for("torch")

PreActResNet18 = FAMILY.constructor(
    "PreActResNet18",
    Config(preact_basic_block, (2, 2, 2, 2)),
    "18 layers of pre-activation basic units.",
)
PreActResNet34 = FAMILY.constructor(
    "PreActResNet34",
    Config(preact_basic_block, (3, 4, 6, 3)),
    "34 layers of pre-activation basic units.",
)


def _bottlenecks(depth: int, depths: tuple[int, ...]) -> Callable[..., Any]:
    return FAMILY.constructor(
        f"PreActResNet{depth}",
        BottleneckConfig(preact_bottleneck_block, depths),
        f"{depth} layers of pre-activation bottlenecks.",
    )


PreActResNet50 = _bottlenecks(50, (3, 4, 6, 3))
PreActResNet101 = _bottlenecks(101, (3, 4, 23, 3))
PreActResNet152 = _bottlenecks(152, (3, 8, 36, 3))
PreActResNet200 = _bottlenecks(200, (3, 24, 36, 3))
