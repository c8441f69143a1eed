"""ResNet for CIFAR: He, Zhang, Ren, Sun, 2015, arXiv 1512.03385, section 4.2.

A 3x3 convolution and three stages of 2n layers with 16, 32 and 64 filters: depth 6n + 2. Small
enough that the paper could take it to 1,202 layers, and compare it with plain nets of equal size.

Differences from the paper:
    - Each channel is scaled by ImageNet's mean and deviation; the paper subtracts the mean of each
      pixel.
    - Shortcut A is the paper's on CIFAR. Other packages (pytorchcv, tf2cv) have B there, and a
      longer training; their errors, such as 5.97 % of ResNet-20, are not those of these nets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.residual import (
    basic_block,
    cifar_stem,
    shortcut_option,
    stack,
    unit_options,
    zero_init_option,
)
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "PlainNet20",
    "PlainNet32",
    "PlainNet44",
    "PlainNet56",
    "ResNet110",
    "ResNet1202",
    "ResNet20",
    "ResNet32",
    "ResNet44",
    "ResNet56",
    "decode_predictions",
    "preprocess_input",
]

WIDTHS = (16, 32, 64)  # filters at 32x32, 16x16, 8x8


@dataclass(frozen=True)
class PlainConfig:
    """One n of section 4.2, without shortcuts."""

    n: int  # units in each stage; the depth is 6n + 2


@dataclass(frozen=True)
class Config(PlainConfig):
    """One n of section 4.2."""

    shortcut: str = shortcut_option("A")
    zero_init_last_gamma: bool = zero_init_option()


def body(x: Any, config: PlainConfig) -> Any:
    """The stem and three stages of n units."""
    x = cifar_stem(x, WIDTHS[0])
    return stack(x, (config.n,) * 3, WIDTHS, basic_block, **unit_options(config))


FAMILY = Family(
    name="cifar_resnet",
    paper=Paper(
        "Deep Residual Learning for Image Recognition",
        "He, Zhang, Ren, Sun",
        2015,
        "https://arxiv.org/abs/1512.03385",
    ),
    body=body,
    preprocessing="torch",
    input_size=32,
    minimum_size=8,
    classes=10,
)
preprocess_input = preprocess_input_for("torch")


def _resnet(depth: int) -> Callable[..., Any]:
    return FAMILY.constructor(
        f"ResNet{depth}", Config((depth - 2) // 6), f"{depth} layers of basic units, for CIFAR."
    )


def _plain(depth: int) -> Callable[..., Any]:
    return FAMILY.constructor(
        f"PlainNet{depth}", PlainConfig((depth - 2) // 6), f"ResNet{depth} without its shortcuts."
    )


ResNet20, ResNet32, ResNet44 = _resnet(20), _resnet(32), _resnet(44)
ResNet56, ResNet110, ResNet1202 = _resnet(56), _resnet(110), _resnet(1202)
PlainNet20, PlainNet32, PlainNet44, PlainNet56 = _plain(20), _plain(32), _plain(44), _plain(56)
