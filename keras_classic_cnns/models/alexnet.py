"""AlexNet: Krizhevsky, Sutskever, Hinton, 2012 (NIPS 25); and its successor of 2014.

Five convolutions and three dense layers, with ReLU instead of tanh, dropout, and training on two
GPUs: the net that won ILSVRC 2012 by ten percent. The second, fourth and fifth convolution see only
the maps of their own GPU, which here are two groups. `AlexNetV2` is the one-tower net of "One weird
trick for parallelizing convolutional neural networks" (Krizhevsky, 2014, arXiv 1404.5997), as
torchvision has it.

Differences from the paper, of `AlexNet`:
    - The image is 227x227. The paper prints 224, from which 55x55 positions do not follow.
    - Response normalisation runs over all channels, as the paper's formula and Caffe do, also
      across the border of the two groups.
    - The biases of conv2, conv4, conv5, fc6 and fc7 start at 0.1, as in Caffe, where the paper's
      ones did not train.
Differences of `AlexNetV2`, those of torchvision:
    - No response normalisation, which the released cuda-convnet2 net has after conv1 and conv2;
      dropout before fc6 and fc7 instead of behind them; the last map is averaged to 6x6, which at
      224x224 it already is.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from keras import initializers, layers

from keras_classic_cnns.application import Family, dense_head
from keras_classic_cnns.blocks.conv import conv_act
from keras_classic_cnns.core.options import choice, rate
from keras_classic_cnns.layers import (
    AdaptiveAveragePooling2D,
    LocalResponseNormalization,
    PaddedMaxPooling2D,
)
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["AlexNet", "AlexNetV2", "decode_predictions", "preprocess_input"]

# Section 3.3; in Caffe and in torch alpha multiplies the mean over the five maps
LRN = {
    "paper": {"bias": 2.0, "alpha": 1e-4, "alpha_over": "sum"},
    "caffe": {"bias": 1.0, "alpha": 1e-4, "alpha_over": "mean"},
    "pytorchcv": {"bias": 2.0, "alpha": 1e-4, "alpha_over": "mean"},
}
BIAS = 0.1

normal = partial(initializers.RandomNormal, stddev=0.01)  # section 5


@dataclass(frozen=True)
class ConfigV2:
    """The net of 2014 has no choices but this."""

    dropout: float = rate(0.5, "Rate of dropout at `fc6` and `fc7`, in [0, 1).")


@dataclass(frozen=True)
class Config(ConfigV2):
    """The net of 2012."""

    groups: int = choice(
        2,
        "Groups of the second, fourth and fifth convolution: 2 (the paper's two GPUs) or 1.",
        2,
        1,
    )
    lrn: str = choice(
        "paper",
        "Constants of the response normalisation: `'paper'` (k=2, alpha=1e-4 over the sum), or "
        "those that public weights were trained with: `'caffe'` (k=1, over the mean), and with "
        "`groups=1` `'pytorchcv'` (k=2, over the mean).",
        *LRN,
    )


def body(x: Any, config: Config) -> Any:
    """The five convolutions of section 3.5."""

    def lrn(x: Any, name: str) -> Any:
        return LocalResponseNormalization(2, beta=0.75, **LRN[config.lrn], name=f"{name}_lrn")(x)

    def conv(x: Any, filters: int, kernel_size: int, *, bias: float = 0.0, **options: Any) -> Any:
        initial = {
            "kernel_initializer": normal(),
            "bias_initializer": initializers.Constant(bias),
        }
        return conv_act(x, filters, kernel_size, **initial, **options)

    # cuda-convnet and Caffe round the number of windows up; at 227 there is nothing to round
    pool = partial(PaddedMaxPooling2D, 3, 2, ceil_mode=True)
    grouped = {"groups": config.groups, "bias": BIAS}

    x = conv(x, 96, 11, strides=4, padding="valid", name="stage1_conv1")  # 227 -> 55
    x = lrn(x, "stage1")
    x = pool(name="stage1_pool")(x)  # 27
    x = conv(x, 256, 5, **grouped, name="stage2_conv1")
    x = lrn(x, "stage2")
    x = pool(name="stage2_pool")(x)  # 13
    x = conv(x, 384, 3, name="stage3_conv1")
    x = conv(x, 384, 3, **grouped, name="stage3_conv2")
    x = conv(x, 256, 3, **grouped, name="stage3_conv3")
    return pool(name="stage3_pool")(x)  # 6


def body_v2(x: Any, config: ConfigV2) -> Any:
    """Its five convolutions, of the table's first tower."""
    pool = partial(layers.MaxPooling2D, 3, 2)
    x = conv_act(x, 64, 11, strides=4, padding=2, name="stage1_conv1")  # 224 -> 55
    x = pool(name="stage1_pool")(x)  # 27
    x = conv_act(x, 192, 5, name="stage2_conv1")
    x = pool(name="stage2_pool")(x)  # 13
    for number, filters in enumerate((384, 256, 256), start=1):
        x = conv_act(x, filters, 3, name=f"stage3_conv{number}")
    return pool(name="stage3_pool")(x)  # 6


def head_v2(x: Any, config: ConfigV2, classes: int, activation: Any) -> Any:
    """Dropout comes first, and a map of any size is averaged to 6x6."""
    x = AdaptiveAveragePooling2D(6, name="avg_pool")(x)
    return dense_head(
        x,
        config,
        classes,
        activation,
        kernel_initializer=normal,
        drops_inputs=True,
    )


FAMILY = Family(
    name="alexnet",
    paper=Paper(
        "ImageNet Classification with Deep Convolutional Neural Networks",
        "Krizhevsky, Sutskever, Hinton",
        2012,
        "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-"
        "neural-networks",
    ),
    body=body,
    head=partial(dense_head, kernel_initializer=normal, bias=BIAS),
    preprocessing="torch",
    input_size=227,
    minimum_size=55,
    needs_size=True,
)
FAMILY_V2 = Family(
    name="alexnet",
    paper=Paper(
        "One weird trick for parallelizing convolutional neural networks",
        "Krizhevsky",
        2014,
        "https://arxiv.org/abs/1404.5997",
    ),
    body=body_v2,
    head=head_v2,
    preprocessing="torch",
    minimum_size=63,
)
preprocess_input = preprocess_input_for("torch")

AlexNet = FAMILY.constructor(
    "AlexNet", Config(), "eight layers, three of them in two groups, of 2012."
)
AlexNetV2 = FAMILY_V2.constructor("AlexNetV2", ConfigV2(), "the one-tower net of torchvision.")
