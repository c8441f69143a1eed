"""SE-BN-Inception: Hu, Shen, Albanie, Sun, Wu, 2017, arXiv 1709.01507.

BN-Inception with squeeze-and-excitation: behind the concatenation of every module, those that halve
the map included, a gate computed from the mean of each channel says how much of it goes on. That is
Figure 2 of the paper, and the network its authors released; it has 646,398 more parameters.

Differences from the paper: none.
"""

from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.bn_inception import bn_inception
from keras_classic_cnns.layers import SqueezeExcite
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["SEBNInception", "decode_predictions", "preprocess_input"]


@dataclass(frozen=True)
class Config:
    """The column of the paper's table."""

    ratio: int = 16  # r


def body(x: Any, config: Config) -> Any:
    """BN-Inception with a gate behind every module."""

    def gate(y: Any, *, name: str) -> Any:
        return SqueezeExcite(config.ratio, name=f"{name}_se")(y)

    return bn_inception(x, on_concat=gate)


FAMILY = Family(
    name="se_inception",
    paper=Paper(
        "Squeeze-and-Excitation Networks",
        "Hu, Shen, Albanie, Sun, Wu",
        2017,
        "https://arxiv.org/abs/1709.01507",
    ),
    body=body,
    preprocessing="caffe",
    minimum_size=11,
)
preprocess_input = preprocess_input_for("caffe")

SEBNInception = FAMILY.constructor(
    "SEBNInception", Config(), "BN-Inception with squeeze-and-excitation."
)
