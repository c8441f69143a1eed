"""GoogLeNet: Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich, 2014.

arXiv 1409.4842. Nine modules that look at a map through windows of several sizes at once, with 1x1
convolutions that keep the large windows cheap, and a mean over all positions instead of large dense
layers: better than VGG, of the same year, with a twentieth of its weights. Two classifiers half-way
help it train.

Differences from the paper: none known of the default, `variant="lrn"`, where it speaks; what it
leaves open is that of Caffe's `bvlc_googlenet`: pools that reach over the end of the map, the
constants of the response normalisation, the initial values. Printed figures that do not follow from
its tables: 12 times fewer parameters than AlexNet, 5 million (6,998,552; the rows of Table 1 sum to
6.8 million); 2.7 thousand of the first convolution (9,408); and in lecture 9 of CS231n 358 million
operations of a module with bottlenecks (271 million, see `layers.InceptionModule`).

Differences of `variant="bn"`, which is torchvision's network, close to TF-Slim's Inception v1:
    - Batch normalisation (epsilon 0.001) behind each convolution, in place of biases and of local
      response normalisation.
    - A 3x3 convolution stands where the paper has the 5x5; both libraries call it a known mistake.
    - The last pooling is 2x2; dropout drops 0.2 of the features.
    - Auxiliary classifiers average over a 4x4 grid that fits any map.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from keras import initializers, layers

from keras_classic_cnns.application import AuxiliaryHead, Family, aux_heads_option, dropout_head
from keras_classic_cnns.blocks.conv import conv_act, conv_bn_act, he_normal
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import choice, option
from keras_classic_cnns.layers import (
    AdaptiveAveragePooling2D,
    InceptionModule,
    LocalResponseNormalization,
    PaddedAveragePooling2D,
    PaddedMaxPooling2D,
)
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["GoogLeNet", "decode_predictions", "preprocess_input"]

# Table 1: filters of 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool proj
TABLE_1 = {
    "stage1": {  # 28x28
        "3a": (64, 96, 128, 16, 32, 32),
        "3b": (128, 128, 192, 32, 96, 64),
    },
    "stage2": {  # 14x14
        "4a": (192, 96, 208, 16, 48, 64),
        "4b": (160, 112, 224, 24, 64, 64),
        "4c": (128, 128, 256, 24, 64, 64),
        "4d": (112, 144, 288, 32, 64, 64),
        "4e": (256, 160, 320, 32, 128, 128),
    },
    "stage3": {  # 7x7
        "5a": (256, 160, 320, 32, 128, 128),
        "5b": (384, 192, 384, 48, 128, 128),
    },
}


@dataclass(frozen=True)
class Config:
    """GoogLeNet has one size; its two forms differ in the layers of `Parts`."""

    variant: str = choice(
        "lrn",
        "`'lrn'` is the paper's network: local response normalisation, biases, 5x5 convolutions; "
        "`'bn'` is torchvision's: batch normalisation, and 3x3 convolutions in place of the 5x5.",
        "lrn",
        "bn",
    )
    dropout: float | None = option(
        None,
        "Rate of the dropout before the classifier, in `[0, 1)`; `None` takes 0.4 with "
        "`variant='lrn'` and 0.2 with `'bn'`.",
        check=lambda name, value: None if value is None else validate.rate(name, value),
    )
    aux_heads: bool = aux_heads_option()


@dataclass(frozen=True)
class Parts:
    """The layers in which the two variants differ."""

    conv: Callable[..., Any]  # with what follows it
    normalise: Callable[..., Any]
    module: Callable[..., Any]
    last_pool: int
    dropout: float
    aux_pool: Callable[..., Any]
    fillers: dict[str, Any]  # initializers of the dense layer of an auxiliary head


def biased_conv(x: Any, *sizes: int, prefix: str, suffix: str = "", **options: Any) -> Any:
    """Convolution with bias, ReLU, called as `conv_bn_act`."""
    return conv_act(x, *sizes, name=f"{prefix}_conv{suffix}", **CAFFE_FILLERS, **options)


def response_norm(x: Any, *, name: str) -> Any:
    """Local response normalisation over five channels, with Caffe's constants."""
    return LocalResponseNormalization(
        2, bias=1.0, alpha=1e-4, beta=0.75, alpha_over="mean", name=name
    )(x)


def five_by_five(x: Any, *, name: str) -> Any:
    """Mean over 5x5 places with stride 3, before an auxiliary classifier.

    Raises:
        ValueError: The map is smaller than that, or its size is free.
    """
    if any(size is None or size < 5 for size in x.shape[1:3]):
        raise ValueError(
            "`aux_heads` must be False with `variant='lrn'` unless images have a fixed size of at "
            "least 79x79: the heads average over 5x5 places of a map of a sixteenth of that. "
            f"{validate.received('map', tuple(x.shape[1:3]))}"
        )
    return PaddedAveragePooling2D(5, 3, ceil_mode=True, name=name)(x)


# uniform with variance 1 / fan-in
CAFFE_FILLERS = {
    "kernel_initializer": "lecun_uniform",
    "bias_initializer": initializers.Constant(0.2),
}
VARIANTS = {
    "lrn": Parts(
        conv=biased_conv,
        normalise=response_norm,
        module=partial(InceptionModule, **CAFFE_FILLERS),
        last_pool=3,
        dropout=0.4,
        aux_pool=five_by_five,
        fillers=CAFFE_FILLERS,
    ),
    "bn": Parts(
        conv=partial(conv_bn_act, epsilon=1e-3),
        normalise=lambda x, name: x,
        module=partial(
            InceptionModule, large_kernel_size=3, batch_norm=True, kernel_initializer=he_normal()
        ),
        last_pool=2,
        dropout=0.2,
        aux_pool=lambda x, name: AdaptiveAveragePooling2D(4, name=name)(x),
        fillers={},
    ),
}


def body(x: Any, config: Config) -> Any:
    """Table 1 to its last module."""
    parts = VARIANTS[config.variant]
    x = stem(x, parts)
    pools = {"stage1": None, "stage2": 3, "stage3": parts.last_pool}
    for stage, modules in TABLE_1.items():
        if size := pools[stage]:
            x = PaddedMaxPooling2D(size, 2, ceil_mode=True, name=f"{stage}_pool")(x)
        for name, filters in modules.items():
            x = parts.module(*filters, name=f"{stage}_inception{name}")(x)
    return x


def stem(x: Any, parts: Parts) -> Any:
    """Three convolutions and two poolings, to an eighth of the size."""
    x = parts.conv(x, 64, 7, strides=2, prefix="stem", suffix="1")  # 224 -> 112
    x = PaddedMaxPooling2D(3, 2, ceil_mode=True, name="stem_pool1")(x)  # 56
    x = parts.normalise(x, name="stem_norm1")
    x = parts.conv(x, 64, 1, prefix="stem", suffix="2")
    x = parts.conv(x, 192, 3, prefix="stem", suffix="3")
    x = parts.normalise(x, name="stem_norm2")
    return PaddedMaxPooling2D(3, 2, ceil_mode=True, name="stem_pool2")(x)  # 28


def head(x: Any, config: Config, classes: int, activation: Any) -> Any:
    """Mean over all positions, dropout, the classifier."""
    if config.dropout is None:
        config = dataclasses.replace(config, dropout=VARIANTS[config.variant].dropout)
    return dropout_head(x, config, classes, activation)


def aux_heads(config: Config) -> tuple[AuxiliaryHead, ...]:
    """The two auxiliary classifiers of section 5."""
    features = partial(aux_features, parts=VARIANTS[config.variant])
    return tuple(
        AuxiliaryHead(name, at=f"stage2_inception{module}", body=features, loss_weight=0.3)
        for name, module in (("aux1", "4a"), ("aux2", "4d"))
    )


def aux_features(x: Any, name: str, *, parts: Parts) -> Any:
    """What an auxiliary classifier reads: 1,024 features."""
    x = parts.aux_pool(x, name=f"{name}_pool")  # 14 -> 4
    x = parts.conv(x, 128, 1, prefix=name)
    x = layers.Flatten(name=f"{name}_flatten")(x)
    x = layers.Dense(1024, activation="relu", name=f"{name}_fc", **parts.fillers)(x)
    return layers.Dropout(0.7, name=f"{name}_dropout")(x)


FAMILY = Family(
    name="googlenet",
    paper=Paper(
        "Going Deeper with Convolutions",
        "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
        2014,
        "https://arxiv.org/abs/1409.4842",
    ),
    body=body,
    head=head,
    aux_heads=aux_heads,
    preprocessing="caffe",
    minimum_size=47,
)
preprocess_input = preprocess_input_for("caffe")

GoogLeNet = FAMILY.constructor("GoogLeNet", Config(), "22 layers, nine inception modules.")
