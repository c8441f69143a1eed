"""Wide ResNet: Zagoruyko, Komodakis, 2016, arXiv 1605.07146.

Residual networks of few but wide units: 28 layers ten times as wide do better than a thousand thin
ones and, since wide convolutions are what GPUs are good at, train several times faster. WRN-n-k
has n convolutions and k times the filters; dropout lies between the convolutions of a unit, not on
its shortcut. On ImageNet it is the inner convolutions of ResNet's bottlenecks that are twice as
wide.

Differences from the paper:
    - Each channel is scaled by ImageNet's mean and deviation for CIFAR too; the paper takes those
      of the training set.
    - The ImageNet networks stride on the 3x3 convolution, as torchvision's do.
    - The authors' WRN-50-2 has a top-5 error of 6.03 %; the 5.79 % in their README is that of the
      pre-activation ResNet-200.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import initializers

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.conv import conv
from keras_classic_cnns.blocks.preactivation import preact_basic_block, preact_stack
from keras_classic_cnns.blocks.residual import (
    bottleneck_block,
    imagenet_stem,
    stack,
    zero_init_option,
)
from keras_classic_cnns.core.options import option, rate
from keras_classic_cnns.core.validate import integer, positive_int, received
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "WRN16_4",
    "WRN16_8",
    "WRN28_10",
    "WRN40_4",
    "WideResNet",
    "WideResNet101_2",
    "WideResNet50_2",
    "decode_predictions",
    "preprocess_input",
]

CIFAR_WIDTHS = (16, 32, 64)  # filters at 32x32, 16x16, 8x8, in units of k
IMAGENET_WIDTHS = (64, 128, 256, 512)  # a quarter of the channels of conv2_x ... conv5_x


def _depth(name: str, value: Any) -> int:
    """Checks a depth of Table 1."""
    if integer(name, value) < 10 or (value - 4) % 6:
        raise ValueError(
            f"`{name}` must be 6N+4, with N >= 1 units in each of three stages: 10, 16, 22, 28, "
            f"34, 40, ... {received(name, value)}"
        )
    return int(value)


@dataclass(frozen=True)
class Config:
    """WRN-n-k of Table 1."""

    n: int  # convolutions, those of the shortcuts included
    k: int  # filters, in units of ResNet's
    dropout: float = rate(
        0.0,
        "Rate of the dropout between the two convolutions of each unit, in [0, 1); the paper has "
        "0.3 for CIFAR and 0.4 for SVHN where it has it.",
    )


@dataclass(frozen=True)
class FreeConfig(Config):
    """Any WRN-n-k."""

    n: int = option(
        28,
        "Depth: convolutions, those of the shortcuts included; 6N+4 for N units in each stage.",
        check=_depth,
    )
    k: int = option(10, "Width: filters, in units of ResNet's 16, 32, 64.", check=positive_int)


def fan_in_normal() -> initializers.Initializer:
    """Normal with variance 2 / (kh * kw * channels), as the authors draw kernels."""
    return initializers.VarianceScaling(2.0, mode="fan_in", distribution="untruncated_normal")


def cifar_body(x: Any, config: Config) -> Any:
    """conv1 to conv4 of Table 1."""
    x = conv(x, 16, 3, kernel_initializer=fan_in_normal(), name="stem_conv")
    return preact_stack(
        x,
        ((config.n - 4) // 6,) * 3,
        [width * config.k for width in CIFAR_WIDTHS],
        preact_basic_block,
        dropout=config.dropout,
        initializer=fan_in_normal,
    )


@dataclass(frozen=True)
class ImageNetConfig:
    """ResNet with wide bottlenecks."""

    depths: tuple[int, ...]  # units in conv2_x ... conv5_x
    zero_init_last_gamma: bool = zero_init_option()


def wide_bottleneck(x: Any, filters: int, **options: Any) -> Any:
    """A bottleneck whose inner convolutions have twice the filters."""
    return bottleneck_block(x, filters, width=2 * filters, shortcut="B", **options)


def imagenet_body(x: Any, config: ImageNetConfig) -> Any:
    """conv1 to conv5_x of ResNet."""
    x = imagenet_stem(x)  # 224 -> 56
    return stack(
        x,
        config.depths,
        IMAGENET_WIDTHS,
        wide_bottleneck,
        zero_init_last_gamma=config.zero_init_last_gamma,
    )


PAPER = Paper(
    "Wide Residual Networks",
    "Zagoruyko, Komodakis",
    2016,
    "https://arxiv.org/abs/1605.07146",
)
IMAGENET = Family(name="wide_resnet", paper=PAPER, body=imagenet_body, preprocessing="torch")
CIFAR = Family(
    name="wide_resnet",
    paper=PAPER,
    body=cifar_body,
    preprocessing="torch",
    input_size=32,
    minimum_size=8,
    classes=10,
)
preprocess_input = preprocess_input_for("torch")


def _wrn(n: int, k: int) -> Callable[..., Any]:
    times = f"{k} times the filters"
    return CIFAR.constructor(f"WRN{n}_{k}", Config(n, k), f"{n} layers, {times}, for CIFAR.")


WRN16_4, WRN16_8, WRN28_10, WRN40_4 = _wrn(16, 4), _wrn(16, 8), _wrn(28, 10), _wrn(40, 4)
WideResNet = CIFAR.constructor(
    "WideResNet", FreeConfig(), "n layers, k times the filters, for CIFAR: any n = 6N+4 and k."
)
WideResNet50_2 = IMAGENET.constructor(
    "WideResNet50_2", ImageNetConfig((3, 4, 6, 3)), "ResNet50 with wide bottlenecks."
)
WideResNet101_2 = IMAGENET.constructor(
    "WideResNet101_2", ImageNetConfig((3, 4, 23, 3)), "ResNet101 with wide bottlenecks."
)
