"""Inception-v4: Szegedy, Ioffe, Vanhoucke, Alemi, 2016, arXiv 1602.07261.

The Inception net without regard for older ones: a stem of modules of its own, and after it the
same module again and again at each size of the map, where Inception-v3 varied them by hand.

Differences from the paper:
    - `variant="slim"`: batch normalisation without gamma, as in the released code;
      `variant="torch"`: with gamma, as in timm. In both, means leave the padding out.
    - Branches take 7x1 and 1x7, 3x1 and 1x3 in the order of the released code, which the weights
      need; the figures print some of them the other way round.
    - Moving averages keep 0.99 in each step, not slim's 0.9997 (0.9 with "torch").
    - The auxiliary classifier, and the 0.4 that its loss counts, are those of the released code.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from keras_classic_cnns.application import AuxiliaryHead, Family, aux_heads_option, dropout_head
from keras_classic_cnns.blocks.inception import (
    AVERAGE,
    MAXIMUM,
    SLIM,
    TORCH,
    auxiliary_features,
    stack,
    variant_option,
)
from keras_classic_cnns.core.options import rate
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["InceptionV4", "decode_predictions", "preprocess_input"]

VARIANTS = {"slim": SLIM, "torch": TORCH}

# Figure 3
STEM = [
    [[(32, 3, 2, "valid"), (32, 3, 1, "valid"), (64, 3)]],
    [[MAXIMUM], [(96, 3, 2, "valid")]],
    [
        [(64, 1), (96, 3, 1, "valid")],
        [(64, 1), (64, (1, 7)), (64, (7, 1)), (96, 3, 1, "valid")],
    ],
    [[(192, 3, 2, "valid")], [MAXIMUM]],
]

# Figures 4, 5 and 6
MODULE_A = [
    [(96, 1)],
    [(64, 1), (96, 3)],
    [(64, 1), (96, 3), (96, 3)],
    [AVERAGE, (96, 1)],
]
MODULE_B = [
    [(384, 1)],
    [(192, 1), (224, (1, 7)), (256, (7, 1))],
    [(192, 1), (192, (7, 1)), (224, (1, 7)), (224, (7, 1)), (256, (1, 7))],
    [AVERAGE, (128, 1)],
]
MODULE_C = [
    [(256, 1)],
    [(384, 1), [(256, (1, 3)), (256, (3, 1))]],
    [(384, 1), (448, (3, 1)), (512, (1, 3)), [(256, (1, 3)), (256, (3, 1))]],
    [AVERAGE, (256, 1)],
]

# Figure 7 with k, l, m, n = 192, 224, 256, 384 (Table 1), and Figure 8
REDUCTION_A = [
    [(384, 3, 2, "valid")],
    [(192, 1), (224, 3), (256, 3, 2, "valid")],
    [MAXIMUM],
]
REDUCTION_B = [
    [(192, 1), (192, 3, 2, "valid")],
    [(256, 1), (256, (1, 7)), (320, (7, 1)), (320, 3, 2, "valid")],
    [MAXIMUM],
]

# Figure 9
STAGES = {
    "stem": STEM,  # 35x35x384
    "stage1": [MODULE_A] * 4,  # 35x35x384
    "stage2": [REDUCTION_A, *[MODULE_B] * 7],  # 17x17x1024
    "stage3": [REDUCTION_B, *[MODULE_C] * 3],  # 8x8x1536
}


@dataclass(frozen=True)
class Config:
    """Inception-v4 is one net."""

    variant: str = variant_option(
        "Whose graph: `'slim'` (batch normalisation without gamma) or `'torch'` (with gamma)."
    )
    aux_heads: bool = aux_heads_option()
    dropout: float = rate(0.2, "Rate of the dropout before the classifier.")


def body(x: Any, config: Config) -> Any:
    """Figure 9."""
    return stack(x, STAGES, VARIANTS[config.variant])


def aux_heads(config: Config) -> tuple[AuxiliaryHead, ...]:
    """One head, on the last 17x17 map."""
    features = partial(auxiliary_features, variant=VARIANTS[config.variant])
    return (AuxiliaryHead("aux1", "stage2_block8_concat", features, loss_weight=0.4),)


FAMILY = Family(
    name="inception_v4",
    paper=Paper(
        "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning",
        "Szegedy, Ioffe, Vanhoucke, Alemi",
        2016,
        "https://arxiv.org/abs/1602.07261",
    ),
    body=body,
    head=dropout_head,
    aux_heads=aux_heads,
    preprocessing="tf",
    input_size=299,
    minimum_size=75,
)
preprocess_input = preprocess_input_for("tf")

InceptionV4 = FAMILY.constructor("InceptionV4", Config(), "Uniform Inception modules, four a size.")
