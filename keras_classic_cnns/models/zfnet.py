"""ZFNet: Zeiler, Fergus, 2013, arXiv 1311.2901.

AlexNet, mended after its authors had looked at what its layers see: the first convolution is finer
(7x7 instead of 11x11, stride 2 instead of 4), the second strides instead, and no convolution is
split into groups. `ZFNetWide` is model (b) of Table 2, with more filters behind them.

Differences from the paper:
    - The padding is not printed; this one gives the sizes of Figure 3, 110, 55, 26, 13 and 6.
    - "Contrast normalisation" is AlexNet's response normalisation, with its constants.
    - Filters of the first layer are not scaled back while they train.
    - `variant="tf2cv"`, which has public weights, normalises before it pools, as AlexNet does, and
      over eleven maps instead of five.
    - The 11.7 % that lectures give for ZFNet is the test error of a company's entry of 2013; this
      net's is 16.5 % (one model, top-5), that of `ZFNetWide` 16.0 %.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from keras import initializers

from keras_classic_cnns.application import Family, dense_head
from keras_classic_cnns.blocks.conv import conv_act
from keras_classic_cnns.core.options import choice, rate
from keras_classic_cnns.layers import LocalResponseNormalization, PaddedMaxPooling2D
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["ZFNet", "ZFNetWide", "decode_predictions", "preprocess_input"]

# Maps on each side that count in the normalisation; 5 is what TensorFlow's operation takes unasked
RADII = {"paper": 2, "tf2cv": 5}

normal = partial(initializers.RandomNormal, stddev=0.01)  # section 3


@dataclass(frozen=True)
class Config:
    """One row of Table 2."""

    widths: tuple[int, int, int]  # filters of layers 3, 4 and 5
    dropout: float = rate(0.5, "Rate of dropout behind `fc6` and `fc7`, in [0, 1).")
    variant: str = choice(
        "paper",
        "`'paper'`, or `'tf2cv'`, the graph with public weights: it normalises before it pools, "
        "and over eleven maps.",
        *RADII,
    )


def body(x: Any, config: Config) -> Any:
    """Layers 1 to 5 of Figure 3; in the paper pooling comes before the normalisation."""
    pool = partial(PaddedMaxPooling2D, 3, 2)

    def pool_and_normalise(x: Any, name: str) -> Any:
        pooling = pool(padding=1, name=f"{name}_pool")
        lrn = LocalResponseNormalization(RADII[config.variant], name=f"{name}_lrn")
        return lrn(pooling(x)) if config.variant == "paper" else pooling(lrn(x))

    def conv(x: Any, filters: int, kernel_size: int, **options: Any) -> Any:
        return conv_act(x, filters, kernel_size, kernel_initializer=normal(), **options)

    x = conv(x, 96, 7, strides=2, padding=1, name="stage1_conv1")  # 224 -> 110
    x = pool_and_normalise(x, "stage1")  # 55
    x = conv(x, 256, 5, strides=2, padding="valid", name="stage2_conv1")  # 26
    x = pool_and_normalise(x, "stage2")  # 13
    for number, filters in enumerate(config.widths, start=1):
        x = conv(x, filters, 3, name=f"stage3_conv{number}")
    return pool(name="stage3_pool")(x)  # 6


FAMILY = Family(
    name="zfnet",
    paper=Paper(
        "Visualizing and Understanding Convolutional Networks",
        "Zeiler, Fergus",
        2013,
        "https://arxiv.org/abs/1311.2901",
    ),
    body=body,
    head=partial(dense_head, kernel_initializer=normal),
    preprocessing="torch",
    minimum_size=53,
    needs_size=True,
)
preprocess_input = preprocess_input_for("torch")

ZFNet = FAMILY.constructor("ZFNet", Config((384, 384, 256)), "the net of Figure 3, eight layers.")
ZFNetWide = FAMILY.constructor(
    "ZFNetWide", Config((512, 1024, 512)), "model (b) of Table 2, wider in layers 3 to 5."
)
