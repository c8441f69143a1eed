"""SENet: Hu, Shen, Albanie, Sun, Wu, 2017, arXiv 1709.01507.

Every residual unit weighs the channels of its branch before the sum: the mean of each channel is
squeezed through two dense layers, whose outputs between 0 and 1 let the channels through or hold
them back. The unit is that of ResNet, of ResNeXt, or of the authors' net of ILSVRC 2017, SENet-154.

Differences from the paper:
    - SE-ResNet-18 and 34 are not in it; they have its gate in the units of ResNet-18 and 34. Their
      public weights belong to units with one more ReLU, `variant="timm_legacy"`.
    - The others are as the authors released them, with unpadded max pooling in the stem, and with
      the stride of SE-ResNet in the first 1x1 convolution; `variant="timm"` pads the pooling and
      strides on the 3x3, as timm's own nets do.
    - SENet-154 is the released one, of 115.1 million parameters; the paper of NASNet quotes an
      earlier one, of 145.8 million.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from keras_classic_cnns.application import Family, dropout_head
from keras_classic_cnns.blocks.conv import conv_bn_act, relu
from keras_classic_cnns.blocks.residual import (
    basic_block,
    bottleneck_block,
    imagenet_stem,
    stack,
    stem_pool,
    zero_init_option,
)
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import choice, option, rate
from keras_classic_cnns.layers import SqueezeExcite
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "SENet154",
    "SEResNeXt101",
    "SEResNeXt50",
    "SEResNet101",
    "SEResNet152",
    "SEResNet18",
    "SEResNet34",
    "SEResNet50",
    "decode_predictions",
    "preprocess_input",
]

WIDTHS = (64, 128, 256, 512)  # filters of the stages


@dataclass(frozen=True)
class Variant:
    """Where implementations differ."""

    padded_pool: bool
    stride_in: str  # the convolution of SE-ResNet's bottleneck that strides
    gate_relu: bool  # whether a ReLU comes before the gate
    least_squeeze: int  # filters of the gate's first layer, at least


VARIANTS = {
    "authors": Variant(False, "1x1", False, 0),
    "timm_legacy": Variant(False, "1x1", True, 0),
    "timm": Variant(True, "3x3", False, 8),
}


@dataclass(frozen=True)
class Config:
    """One column of Table 1."""

    stem: Callable[..., Any]
    unit: Callable[..., Any]
    depths: tuple[int, ...]  # units in each stage
    ratio: int = option(
        16,
        "How many times narrower the first dense layer of a gate is, the paper's reduction ratio "
        "(r).",
        check=validate.positive_int,
    )
    variant: str = choice(
        "authors",
        "Whose graph: `'authors'` pools without padding, and SE-ResNet strides on the first 1x1 "
        "convolution; `'timm'` pads, and strides on the 3x3.",
        "authors",
        "timm",
    )
    zero_init_last_gamma: bool = zero_init_option()
    dropout: float = 0.0  # before the classifier

    def geometry(self, filters: int) -> dict[str, Any]:
        """The unit's own arguments in a stage: here the stride of SE-ResNet-50 and deeper."""
        return {"stride_in": VARIANTS[self.variant].stride_in}


@dataclass(frozen=True)
class BasicConfig(Config):
    """SE-ResNet-18 and 34."""

    variant: str = choice(
        "authors",
        "Whose graph: `'authors'` pools without padding; `'timm'` pads, and its gates have 8 "
        "filters at least; `'timm_legacy'`, which weights exist for, is the authors' with a ReLU "
        "before the gate.",
        "authors",
        "timm_legacy",
        "timm",
    )

    def geometry(self, filters: int) -> dict[str, Any]:
        """Nothing to choose."""
        return {}


@dataclass(frozen=True)
class ResNeXtConfig(Config):
    """SE-ResNeXt."""

    groups: int = option(
        32, "Groups of the 3x3 convolution (cardinality).", check=validate.positive_int
    )
    group_width: int = option(
        4,
        "Filters of a group in the first stage; twice as many in each following stage.",
        check=validate.positive_int,
    )

    def geometry(self, filters: int) -> dict[str, Any]:
        """Groups as in ResNeXt."""
        width = self.groups * math.floor(self.group_width * filters / 64)
        return {"groups": self.groups, "width": width}


@dataclass(frozen=True)
class SENet154Config(Config):
    """SENet-154."""

    dropout: float = rate(0.2, "Rate of the dropout before the classifier, in `[0, 1)`.")

    def geometry(self, filters: int) -> dict[str, Any]:
        """64 groups of 4 as in ResNeXt, the first 1x1 convolution halved, 3x3 projections."""
        return {
            "groups": 64,
            "width": 4 * filters,
            "first_width": 2 * filters,
            "projection_size": 3,
        }


def deep_stem(x: Any, *, padded_pool: bool) -> Any:
    """Three 3x3 convolutions in the place of one of 7x7."""
    for number, (filters, strides) in enumerate(((64, 2), (64, 1), (128, 1)), start=1):
        x = conv_bn_act(x, filters, 3, strides=strides, prefix="stem", suffix=str(number))
    return stem_pool(x, padded=padded_pool)


def gate(x: Any, *, config: Config, name: str) -> Any:
    """Squeeze and excitation of a branch, as its last layer."""
    variant, channels, ratio = VARIANTS[config.variant], x.shape[-1], config.ratio
    if variant.gate_relu:
        x = relu(x, name=f"{name}_se_relu")
    if channels // ratio < variant.least_squeeze:
        ratio = channels // variant.least_squeeze
    return SqueezeExcite(ratio, name=f"{name}_se")(x)


def unit(x: Any, filters: int, *, config: Config, **options: Any) -> Any:
    """Y = relu(gate(F(x)) + shortcut(x))."""
    return config.unit(
        x,
        filters,
        shortcut="B",
        zero_init_last_gamma=config.zero_init_last_gamma,
        on_branch=partial(gate, config=config),
        **config.geometry(filters),
        **options,
    )


def body(x: Any, config: Config) -> Any:
    """The stem and the four stages of Table 1."""
    x = config.stem(x, padded_pool=VARIANTS[config.variant].padded_pool)  # 224 -> 56
    return stack(x, config.depths, WIDTHS, unit, config=config)


FAMILY = Family(
    name="senet",
    paper=Paper(
        "Squeeze-and-Excitation Networks",
        "Hu, Shen, Albanie, Sun, Wu",
        2017,
        "https://arxiv.org/abs/1709.01507",
    ),
    body=body,
    head=dropout_head,
    preprocessing="torch",
)
preprocess_input = preprocess_input_for("torch")


def _resnet(depth: int, config: Config) -> Callable[..., Any]:
    return FAMILY.constructor(f"SEResNet{depth}", config, f"ResNet{depth} with gates.")


def _resnext(depth: int, config: Config) -> Callable[..., Any]:
    return FAMILY.constructor(
        f"SEResNeXt{depth}", config, f"{depth} layers, 32 groups of 4 (32x4d), with gates."
    )


SEResNet18 = _resnet(18, BasicConfig(imagenet_stem, basic_block, (2, 2, 2, 2)))
SEResNet34 = _resnet(34, BasicConfig(imagenet_stem, basic_block, (3, 4, 6, 3)))
SEResNet50 = _resnet(50, Config(imagenet_stem, bottleneck_block, (3, 4, 6, 3)))
SEResNet101 = _resnet(101, Config(imagenet_stem, bottleneck_block, (3, 4, 23, 3)))
SEResNet152 = _resnet(152, Config(imagenet_stem, bottleneck_block, (3, 8, 36, 3)))
SEResNeXt50 = _resnext(50, ResNeXtConfig(imagenet_stem, bottleneck_block, (3, 4, 6, 3)))
SEResNeXt101 = _resnext(101, ResNeXtConfig(imagenet_stem, bottleneck_block, (3, 4, 23, 3)))
SENet154 = FAMILY.constructor(
    "SENet154",
    SENet154Config(deep_stem, bottleneck_block, (3, 8, 36, 3)),
    "154 layers, the winner of ILSVRC 2017.",
)
