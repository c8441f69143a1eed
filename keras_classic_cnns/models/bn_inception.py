"""BN-Inception: Ioffe, Szegedy, 2015, arXiv 1502.03167.

Batch normalisation, introduced: each convolution's outputs are brought to mean 0 and variance 1
over the batch, then scaled and shifted by learned amounts. The network is GoogLeNet with two 3x3
convolutions in place of the 5x5, and it trains in a fourteenth of the steps.

Differences from the paper: none of the table of its Figure 5. Where the paper says nothing, the
network is that of the Caffe models: no bias before batch normalisation, pools that reach over the
end of the map, and averages that count padding.
"""

from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.bn_inception import bn_inception
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["BNInception", "decode_predictions", "preprocess_input"]


@dataclass(frozen=True)
class Config:
    """BN-Inception has one size and no choices; its table stands in `blocks.bn_inception`."""


def body(x: Any, config: Config) -> Any:
    """Figure 5 to its last module."""
    return bn_inception(x)


FAMILY = Family(
    name="bn_inception",
    paper=Paper(
        "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate "
        "Shift",
        "Ioffe, Szegedy",
        2015,
        "https://arxiv.org/abs/1502.03167",
    ),
    body=body,
    preprocessing="caffe",
    minimum_size=11,
)
preprocess_input = preprocess_input_for("caffe")

BNInception = FAMILY.constructor(
    "BNInception", Config(), "ten modules with batch normalisation (Inception v2)."
)
