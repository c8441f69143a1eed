"""DenseNet for CIFAR: Huang, Liu, van der Maaten, Weinberger, 2016, arXiv 1608.06993, section 3.

A 3x3 convolution and three dense blocks of equal depth. The plain form adds maps by single 3x3
convolutions and passes all of them on; DenseNet-BC has a 1x1 convolution before each, and passes on
half of the maps.

Differences from the paper:
    - The plain nets begin with 16 filters, as the paper says and its parameters confirm; the
      authors' released code begins with 2k.
    - Plain nets keep all of their maps, as the paper says; those of pytorchcv and tf2cv pass on
      half (599,050 parameters for L=40, k=12) and are not the paper's.
    - Each channel is scaled by ImageNet's mean and deviation; the paper takes those of the data
      set.
    - `memory_efficient` is of Pleiss et al., 2017, arXiv 1707.06990.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.conv import conv
from keras_classic_cnns.blocks.dense import dense_stack, dropout_option, memory_efficient_option
from keras_classic_cnns.core.options import chosen_options
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "DenseNet100_12",
    "DenseNet100_24",
    "DenseNet40_12",
    "DenseNetBC100_12",
    "DenseNetBC190_40",
    "DenseNetBC250_24",
    "decode_predictions",
    "preprocess_input",
]

BLOCKS = 3


@dataclass(frozen=True)
class Config:
    """One L and k of Table 2."""

    layers: int  # L: the convolutions, and the classifier
    growth_rate: int  # k
    bottleneck: bool = False  # B
    compression: float = 1.0  # theta, 0.5 in C
    dropout: float = dropout_option()
    memory_efficient: bool = memory_efficient_option()


def body(x: Any, config: Config) -> Any:
    """The first convolution, with no normalisation, and three dense blocks of equal depth."""
    # besides the blocks: the first convolution, two transitions, the classifier
    depth = (config.layers - 4) // BLOCKS // (2 if config.bottleneck else 1)
    x = conv(x, 2 * config.growth_rate if config.bottleneck else 16, 3, name="stem_conv")
    return dense_stack(
        x,
        (depth,) * BLOCKS,
        config.growth_rate,
        bottleneck=config.bottleneck,
        compression=config.compression,
        **chosen_options(config),
    )


FAMILY = Family(
    name="cifar_densenet",
    paper=Paper(
        "Densely Connected Convolutional Networks",
        "Huang, Liu, van der Maaten, Weinberger",
        2016,
        "https://arxiv.org/abs/1608.06993",
    ),
    body=body,
    preprocessing="torch",
    input_size=32,
    minimum_size=8,
    classes=10,
)
preprocess_input = preprocess_input_for("torch")


def _plain(layers: int, growth_rate: int) -> Callable[..., Any]:
    return FAMILY.constructor(
        f"DenseNet{layers}_{growth_rate}",
        Config(layers, growth_rate),
        f"{layers} layers, growth rate {growth_rate}, for CIFAR.",
    )


def _bc(layers: int, growth_rate: int) -> Callable[..., Any]:
    return FAMILY.constructor(
        f"DenseNetBC{layers}_{growth_rate}",
        Config(layers, growth_rate, bottleneck=True, compression=0.5),
        f"{layers} layers, growth rate {growth_rate}, with bottlenecks and compression, for CIFAR.",
    )


# Table 2
DenseNet40_12, DenseNet100_12, DenseNet100_24 = _plain(40, 12), _plain(100, 12), _plain(100, 24)
DenseNetBC100_12, DenseNetBC250_24, DenseNetBC190_40 = _bc(100, 12), _bc(250, 24), _bc(190, 40)
