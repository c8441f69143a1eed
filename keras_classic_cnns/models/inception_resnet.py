"""Inception-ResNet: Szegedy, Ioffe, Vanhoucke, Alemi, 2016, arXiv 1602.07261.

Inception modules that learn what to add to their input: the branches are concatenated, a 1x1
convolution without activation brings them to the channels of the input, and the sum follows.
Residuals of such wide nets are scaled down before the sum, or training diverges.

Differences from the paper:
    - `InceptionResNetV1` is the paper's, by its figures, with 5, 10 and 5 units. The net known
      from FaceNet has a sixth, linear unit at the end and a bottleneck of 512 before the
      classifier.
    - `InceptionResNetV2` is the released net, 55.8 million parameters. The paper's figures (the
      stem of Inception-v4, 5, 10 and 5 units) give 32.4 million, and print widths that do not
      add up; no weights exist for them. Its last unit is scaled by 1 and has no ReLU.
    - Of V2, `variant="slim"` has batch normalisation without gamma, as the released code and
      Keras; `variant="torch"` has gamma, as timm. V1 has gamma.
    - Residuals are scaled by 0.17, 0.10 and 0.20; the paper says between 0.1 and 0.3.
    - Moving averages keep 0.99 in each step as in Keras, not slim's 0.9997 (0.9 with "torch").
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
    Block,
    Residual,
    Variant,
    auxiliary_features,
    stack,
    variant_option,
)
from keras_classic_cnns.core.options import rate
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "InceptionResNetV1",
    "InceptionResNetV2",
    "decode_predictions",
    "preprocess_input",
]

VARIANTS = {"paper": Variant(scale=True, momentum=0.99), "slim": SLIM, "torch": TORCH}
SCALES = 0.17, 0.10, 0.20  # of the residuals at 35x35, 17x17 and 8x8

BEGIN = [(32, 3, 2, "valid"), (32, 3, 1, "valid"), (64, 3), MAXIMUM, (80, 1), (192, 3, 1, "valid")]

# Figures 10, 11 and 13, then 7 with k, l, m, n = 192, 192, 256, 384 (Table 1) and 12
V1_A = [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (32, 3), (32, 3)]]
V1_B = [[(128, 1)], [(128, 1), (128, (1, 7)), (128, (7, 1))]]
V1_C = [[(192, 1)], [(192, 1), (192, (1, 3)), (192, (3, 1))]]
V1_REDUCTION_A = [
    [(384, 3, 2, "valid")],
    [(192, 1), (192, 3), (256, 3, 2, "valid")],
    [MAXIMUM],
]
V1_REDUCTION_B = [
    [(256, 1), (384, 3, 2, "valid")],
    [(256, 1), (256, 3, 2, "valid")],
    [(256, 1), (256, 3), (256, 3, 2, "valid")],
    [MAXIMUM],
]

# Figures 16, 17 and 19, then 7 with k, l, m, n = 256, 256, 384, 384 (Table 1) and 18
V2_A = [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]]
V2_B = [[(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))]]
V2_C = [[(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]]
V2_REDUCTION_A = [
    [(384, 3, 2, "valid")],
    [(256, 1), (256, 3), (384, 3, 2, "valid")],
    [MAXIMUM],
]
V2_REDUCTION_B = [
    [(256, 1), (384, 3, 2, "valid")],
    [(256, 1), (288, 3, 2, "valid")],
    [(256, 1), (288, 3), (320, 3, 2, "valid")],
    [MAXIMUM],
]
# in no figure: the module between stem and units
V2_ENTRY = [
    [(96, 1)],
    [(48, 1), (64, 5)],
    [(64, 1), (96, 3), (96, 3)],
    [AVERAGE, (64, 1)],
]

A, B, C = SCALES
V1_STAGES = {
    "stem": [[[*BEGIN, (256, 3, 2, "valid")]]],  # 35x35x256
    "stage1": [Residual(V1_A, A)] * 5,  # 35x35x256
    "stage2": [V1_REDUCTION_A, *[Residual(V1_B, B)] * 10],  # 17x17x896
    "stage3": [V1_REDUCTION_B, *[Residual(V1_C, C)] * 5],  # 8x8x1792
}
V2_STAGES = {
    "stem": [[[*BEGIN, MAXIMUM]]],  # 35x35x192
    "stage1": [V2_ENTRY, *[Residual(V2_A, A)] * 10],  # 35x35x320
    "stage2": [V2_REDUCTION_A, *[Residual(V2_B, B)] * 20],  # 17x17x1088
    "stage3": [
        V2_REDUCTION_B,
        *[Residual(V2_C, C)] * 9,  # 8x8x2080
        Residual(V2_C, 1.0, has_relu=False),
        [[(1536, 1)]],  # 8x8x1536
    ],
}


@dataclass(frozen=True)
class Config:
    """One of the two nets."""

    stages: dict[str, list[Block]]
    variant: str = "paper"
    dropout: float = rate(0.2, "Rate of the dropout before the classifier.")


@dataclass(frozen=True)
class ReleasedConfig(Config):
    """The net that code and weights were released of."""

    variant: str = variant_option(
        "Whose graph: `'slim'` (batch normalisation without gamma) or `'torch'` (with gamma)."
    )
    aux_heads: bool = aux_heads_option()


def body(x: Any, config: Config) -> Any:
    """Figure 15."""
    return stack(x, config.stages, VARIANTS[config.variant])


def aux_heads(config: ReleasedConfig) -> tuple[AuxiliaryHead, ...]:
    """One head, on the last 17x17 map."""
    features = partial(auxiliary_features, variant=VARIANTS[config.variant])
    return (AuxiliaryHead("aux1", "stage2_block21_out", features, loss_weight=0.4),)


FAMILY = Family(
    name="inception_resnet",
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

InceptionResNetV1 = FAMILY.constructor(
    "InceptionResNetV1", Config(V1_STAGES), "As cheap as Inception-v3, with residual modules."
)
InceptionResNetV2 = FAMILY.constructor(
    "InceptionResNetV2", ReleasedConfig(V2_STAGES), "As Inception-v4, with residual modules."
)
