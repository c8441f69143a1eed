"""Inception-v3: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, 2015, arXiv 1512.00567.

GoogLeNet with its large convolutions taken apart: a 5x5 becomes two 3x3, an nxn becomes 1xn and
nx1, and on the smallest maps 1x3 and 3x1 stand side by side. Maps shrink in modules that stride
convolutions and a pooling in parallel. Labels are smoothed, and the auxiliary classifier is
normalised.

Differences from the paper:
    - The graph is that of the released code (slim), which the public weights belong to; the
      paper's figures leave the filters open. Where Figure 5 has two 3x3 in place of the 5x5, that
      code keeps a true 5x5 branch, beside one of two 3x3.
    - `variant="slim"`: batch normalisation without gamma, means leave the padding out.
      `variant="torch"`: with gamma, means count the padding, as in torchvision.
    - Moving averages keep 0.99 in each step as in Keras, not slim's 0.9997 (0.9 with "torch").
    - The loss of the auxiliary classifier counts 0.4, as in slim.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from keras_classic_cnns.application import AuxiliaryHead, Family, aux_heads_option, dropout_head
from keras_classic_cnns.blocks.inception import (
    AVERAGE,
    MAXIMUM,
    SLIM,
    TORCH,
    Module,
    auxiliary_features,
    stack,
    variant_option,
)
from keras_classic_cnns.core.options import rate
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]

VARIANTS = {"slim": SLIM, "torch": replace(TORCH, count_include_pad=True)}

STEM = [
    [
        (32, 3, 2, "valid"),
        (32, 3, 1, "valid"),
        (64, 3),
        MAXIMUM,
        (80, 1),
        (192, 3, 1, "valid"),
        MAXIMUM,
    ]
]


def module_a(pooled: int) -> Module:
    """The module of the 35x35 maps (Figure 5); `pooled` are the filters behind the pooling."""
    return [
        [(64, 1)],
        [(48, 1), (64, 5)],
        [(64, 1), (96, 3), (96, 3)],
        [AVERAGE, (pooled, 1)],
    ]


def module_b(n: int) -> Module:
    """The module of the 17x17 maps (Figure 6); `n` are the filters inside its 7x7 branches."""
    return [
        [(192, 1)],
        [(n, 1), (n, (1, 7)), (192, (7, 1))],
        [(n, 1), (n, (7, 1)), (n, (1, 7)), (n, (7, 1)), (192, (1, 7))],
        [AVERAGE, (192, 1)],
    ]


# The module of the 8x8 maps (Figure 7): 1x3 and 3x1 side by side
MODULE_C = [
    [(320, 1)],
    [(384, 1), [(384, (1, 3)), (384, (3, 1))]],
    [(448, 1), (384, 3), [(384, (1, 3)), (384, (3, 1))]],
    [AVERAGE, (192, 1)],
]

# Figure 10, before the 17x17 and before the 8x8 maps
REDUCTION_A = [
    [(384, 3, 2, "valid")],
    [(64, 1), (96, 3), (96, 3, 2, "valid")],
    [MAXIMUM],
]
REDUCTION_B = [
    [(192, 1), (320, 3, 2, "valid")],
    [(192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2, "valid")],
    [MAXIMUM],
]

STAGES = {
    "stem": [STEM],  # 35x35x192
    "stage1": [module_a(32), module_a(64), module_a(64)],  # 35x35x288
    "stage2": [REDUCTION_A, *(module_b(n) for n in (128, 160, 160, 192))],  # 17x17x768
    "stage3": [REDUCTION_B, MODULE_C, MODULE_C],  # 8x8x2048
}


@dataclass(frozen=True)
class Config:
    """Inception-v3 is one net."""

    variant: str = variant_option(
        "Whose graph: `'slim'` (no gamma; means leave the padding out) or `'torch'` (gamma; means "
        "count the padding)."
    )
    aux_heads: bool = aux_heads_option()
    dropout: float = rate(0.2, "Rate of the dropout before the classifier.")


def body(x: Any, config: Config) -> Any:
    """Stem and three sizes of maps, after Table 1."""
    return stack(x, STAGES, VARIANTS[config.variant])


def aux_heads(config: Config) -> tuple[AuxiliaryHead, ...]:
    """One head, on the last 17x17 map (Figure 8)."""
    features = partial(auxiliary_features, variant=VARIANTS[config.variant])
    return (AuxiliaryHead("aux1", "stage2_block5_concat", features, loss_weight=0.4),)


FAMILY = Family(
    name="inception_v3",
    paper=Paper(
        "Rethinking the Inception Architecture for Computer Vision",
        "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
        2015,
        "https://arxiv.org/abs/1512.00567",
    ),
    body=body,
    head=dropout_head,
    aux_heads=aux_heads,
    preprocessing="tf",
    input_size=299,
    minimum_size=75,
)
preprocess_input = preprocess_input_for("tf")

InceptionV3 = FAMILY.constructor(
    "InceptionV3", Config(), "Inception modules of factorised convolutions."
)
