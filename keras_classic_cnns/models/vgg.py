"""VGG: Simonyan, Zisserman, 2014, arXiv 1409.1556.

Nothing but 3x3 convolutions and 2x2 pooling, in five stages. Two such convolutions in a row see
what one of 5x5 sees, with fewer parameters and one more ReLU. The six nets of Table 1, of 11 to 19
layers with weights, differ in nothing else, and depth helps.

Differences from the paper:
    - `batch_norm=True` normalises between convolution and ReLU, as torchvision's `vgg*_bn` do:
      their convolutions keep their bias. The paper has no batch normalisation.
    - Images of another size than 224x224 are classified as in torchvision: the last map is averaged
      to 7x7, which at 224x224 it already is. The paper slides the dense layers over the map.
    - Convolutions start as He et al. (2015) say, so that every depth trains by itself; the paper
      starts net A from a deviation of 0.01 and deeper nets from its trained layers. Dense layers
      start from that deviation here too.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from keras import initializers, layers

from keras_classic_cnns.application import Family, dense_head
from keras_classic_cnns.blocks.conv import conv_act, conv_bn_act
from keras_classic_cnns.core.options import rate, switch
from keras_classic_cnns.layers import AdaptiveAveragePooling2D, LocalResponseNormalization
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "VGG11",
    "VGG11LRN",
    "VGG13",
    "VGG16",
    "VGG16C",
    "VGG19",
    "decode_predictions",
    "preprocess_input",
]

WIDTHS = (64, 128, 256, 512, 512)  # filters of the five stages

normal = partial(initializers.RandomNormal, stddev=0.01)


@dataclass(frozen=True)
class Config:
    """One column of Table 1: the kernel sizes of each stage."""

    stages: tuple[tuple[int, ...], ...]
    has_lrn: bool = False  # behind the first convolution
    batch_norm: bool = False
    dropout: float = rate(0.5, "Rate of dropout behind `fc6` and `fc7`, in [0, 1).")


@dataclass(frozen=True)
class NormConfig(Config):
    """One that torchvision has with batch normalisation as well."""

    batch_norm: bool = switch(
        False, "Whether each convolution is followed by batch normalisation (`vgg*_bn`)."
    )


def body(x: Any, config: Config) -> Any:
    """The five stages of Table 1, each closed by 2x2 max pooling."""
    for stage, (kernels, filters) in enumerate(zip(config.stages, WIDTHS, strict=True), start=1):
        name = f"stage{stage}"
        for number, size in enumerate(kernels, start=1):
            if config.batch_norm:
                suffix = str(number)
                x = conv_bn_act(x, filters, size, use_bias=True, prefix=name, suffix=suffix)
            else:
                x = conv_act(x, filters, size, name=f"{name}_conv{number}")
        if config.has_lrn and stage == 1:
            x = LocalResponseNormalization(name=f"{name}_lrn")(x)
        x = layers.MaxPooling2D(2, name=f"{name}_pool")(x)  # 112, 56, 28, 14, 7
    return x


def head(x: Any, config: Config, classes: int, activation: Any) -> Any:
    """The map as 7x7, and the dense layers."""
    x = AdaptiveAveragePooling2D(7, name="avg_pool")(x)
    return dense_head(x, config, classes, activation, kernel_initializer=normal)


FAMILY = Family(
    name="vgg",
    paper=Paper(
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "Simonyan, Zisserman",
        2014,
        "https://arxiv.org/abs/1409.1556",
    ),
    body=body,
    head=head,
    preprocessing="torch",
)
preprocess_input = preprocess_input_for("torch")

# Table 1: kernel sizes of the convolutions at 224, 112, 56, 28 and 14
A = ((3,), (3,), (3, 3), (3, 3), (3, 3))
B = ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3))
C = ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1))
D = ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3))
E = ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3))

VGG11 = FAMILY.constructor("VGG11", NormConfig(A), "net A, 11 layers.")
VGG11LRN = FAMILY.constructor(
    "VGG11LRN", Config(A, has_lrn=True), "net A-LRN, net A with one response normalisation."
)
VGG13 = FAMILY.constructor("VGG13", NormConfig(B), "net B, 13 layers.")
VGG16C = FAMILY.constructor(
    "VGG16C", Config(C), "net C, 16 layers, the last of three in a stage 1x1."
)
VGG16 = FAMILY.constructor("VGG16", NormConfig(D), "net D, 16 layers.")
VGG19 = FAMILY.constructor("VGG19", NormConfig(E), "net E, 19 layers.")
