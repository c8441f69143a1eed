"""ResNeXt: Xie, Girshick, Dollar, Tu, He, 2016, arXiv 1611.05431.

A ResNet bottleneck whose 3x3 convolution is split into groups that do not see each other. The
number of groups (cardinality) is a third dimension beside depth and width: at equal cost, more and
narrower groups do better. This is form (c) of the paper's Figure 3, a grouped convolution.

Differences from the paper:
    - The CIFAR nets have the units of the authors' released code, with activations after the
      convolutions; the paper's CIFAR numbers come from pre-activation units. Each channel is
      scaled by ImageNet's mean and deviation for them too.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.residual import (
    bottleneck_block,
    cifar_stem,
    imagenet_stem,
    stack,
    zero_init_option,
)
from keras_classic_cnns.core.options import option
from keras_classic_cnns.core.validate import positive_int
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "ResNeXt101",
    "ResNeXt101_32x4d",
    "ResNeXt101_64x4d",
    "ResNeXt152",
    "ResNeXt29_16x64d",
    "ResNeXt29_8x64d",
    "ResNeXt50",
    "decode_predictions",
    "preprocess_input",
]


@dataclass(frozen=True)
class Config:
    """One column of Table 1, or one row of Table 7."""

    stem: Callable[..., Any]
    depths: tuple[int, ...]  # units in each stage
    groups: int = option(
        32,
        "Groups of the 3x3 convolution, the paper's cardinality (C).",
        check=positive_int,
    )
    group_width: int = option(
        4,
        "Filters of a group in the first stage, the paper's bottleneck width (d); twice as many "
        "in each following stage.",
        check=positive_int,
    )
    zero_init_last_gamma: bool = zero_init_option()


def unit(x: Any, filters: int, *, config: Config, **options: Any) -> Any:
    """A bottleneck with C groups of d * filters / 64 filters each."""
    return bottleneck_block(
        x,
        filters,
        groups=config.groups,
        width=config.groups * math.floor(config.group_width * filters / 64),
        shortcut="B",
        zero_init_last_gamma=config.zero_init_last_gamma,
        **options,
    )


def body(x: Any, config: Config) -> Any:
    """The stem and the stages of Table 1; 64 filters in the first stage, then twice as many."""
    x = config.stem(x)
    widths = [64 * 2**stage for stage in range(len(config.depths))]
    return stack(x, config.depths, widths, unit, config=config)


IMAGENET = Family(
    name="resnext",
    paper=Paper(
        "Aggregated Residual Transformations for Deep Neural Networks",
        "Xie, Girshick, Dollar, Tu, He",
        2016,
        "https://arxiv.org/abs/1611.05431",
    ),
    body=body,
    preprocessing="torch",
)
CIFAR = replace(IMAGENET, input_size=32, minimum_size=8, classes=10)
preprocess_input = preprocess_input_for("torch")

ResNeXt50 = IMAGENET.constructor(
    "ResNeXt50", Config(imagenet_stem, (3, 4, 6, 3)), "50 layers, 32 groups of 4 (32x4d)."
)
ResNeXt101 = IMAGENET.constructor(
    "ResNeXt101",
    Config(imagenet_stem, (3, 4, 23, 3), group_width=8),
    "101 layers, 32 groups of 8 (32x8d).",
)
ResNeXt101_32x4d = IMAGENET.constructor(
    "ResNeXt101_32x4d", Config(imagenet_stem, (3, 4, 23, 3)), "101 layers, 32 groups of 4."
)
ResNeXt101_64x4d = IMAGENET.constructor(
    "ResNeXt101_64x4d",
    Config(imagenet_stem, (3, 4, 23, 3), groups=64),
    "101 layers, 64 groups of 4.",
)
ResNeXt152 = IMAGENET.constructor(
    "ResNeXt152", Config(imagenet_stem, (3, 8, 36, 3)), "152 layers, 32 groups of 4 (32x4d)."
)

cifar_stem_64 = partial(cifar_stem, filters=64)
ResNeXt29_8x64d = CIFAR.constructor(
    "ResNeXt29_8x64d",
    Config(cifar_stem_64, (3, 3, 3), groups=8, group_width=64),
    "29 layers, 8 groups of 64, for CIFAR.",
)
ResNeXt29_16x64d = CIFAR.constructor(
    "ResNeXt29_16x64d",
    Config(cifar_stem_64, (3, 3, 3), groups=16, group_width=64),
    "29 layers, 16 groups of 64, for CIFAR.",
)
