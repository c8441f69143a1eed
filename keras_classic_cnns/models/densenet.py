"""DenseNet: Huang, Liu, van der Maaten, Weinberger, 2016, arXiv 1608.06993.

Each layer takes the maps of all layers before it, concatenated, and appends a few of its own (the
growth rate k). Features are used again instead of being computed again, and every layer is near the
loss: fewer parameters than a residual net of equal error. Bottlenecks (B) make the input of the 3x3
convolutions narrow, transitions between the blocks compress what has gathered (C).

Differences from the paper:
    - The paper's ImageNet nets are of the form BC with theta 0.5; so are these. DenseNet161 (k=48)
      is of the authors' released models, not of the paper's Table 1.
    - `memory_efficient` is of Pleiss et al., 2017, arXiv 1707.06990.
"""

from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.dense import dense_stack, dropout_option, memory_efficient_option
from keras_classic_cnns.blocks.residual import imagenet_stem
from keras_classic_cnns.core.options import chosen_options
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "DenseNet121",
    "DenseNet161",
    "DenseNet169",
    "DenseNet201",
    "DenseNet264",
    "decode_predictions",
    "preprocess_input",
]


@dataclass(frozen=True)
class Config:
    """One column of Table 1."""

    growth_rate: int  # k
    depths: tuple[int, ...]  # layers of the dense blocks 1 to 4
    dropout: float = dropout_option()
    memory_efficient: bool = memory_efficient_option()


def body(x: Any, config: Config) -> Any:
    """Table 1 up to the last dense block, with its normalisation and activation."""
    x = imagenet_stem(x, 2 * config.growth_rate)  # 224 -> 56
    return dense_stack(x, config.depths, config.growth_rate, **chosen_options(config))


FAMILY = Family(
    name="densenet",
    paper=Paper(
        "Densely Connected Convolutional Networks",
        "Huang, Liu, van der Maaten, Weinberger",
        2016,
        "https://arxiv.org/abs/1608.06993",
    ),
    body=body,
    preprocessing="torch",
    minimum_size=29,
)
preprocess_input = preprocess_input_for("torch")

# Table 1, with the layers in dense blocks 1, 2, 3 and 4
DenseNet121 = FAMILY.constructor(
    "DenseNet121", Config(32, (6, 12, 24, 16)), "121 layers, growth rate 32."
)
DenseNet169 = FAMILY.constructor(
    "DenseNet169", Config(32, (6, 12, 32, 32)), "169 layers, growth rate 32."
)
DenseNet201 = FAMILY.constructor(
    "DenseNet201", Config(32, (6, 12, 48, 32)), "201 layers, growth rate 32."
)
DenseNet264 = FAMILY.constructor(
    "DenseNet264", Config(32, (6, 12, 64, 48)), "264 layers, growth rate 32."
)
# the authors' released models
DenseNet161 = FAMILY.constructor(
    "DenseNet161", Config(48, (6, 12, 36, 24)), "161 layers, growth rate 48."
)
