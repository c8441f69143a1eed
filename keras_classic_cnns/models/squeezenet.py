"""SqueezeNet: Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer, 2016, arXiv 1602.07360.

AlexNet's accuracy with a fiftieth of its weights: 1x1 convolutions in place of most 3x3, few
channels into the remaining ones, and maps that shrink late. No dense layer: the last convolution
has a filter a class, and its map is averaged. Version 1.1 is the authors' own, with the same
accuracy for less than half of the work.

Differences from the paper:
    - The last convolution is not padded. The authors' Caffe files pad this 1x1 convolution by one
      place, so that a border of relu(bias) enters the average; torchvision does not.
    - Kernels start by He's uniform rule, as torchvision's do; with half of that variance, as in the
      Caffe files, activations fade. With a bypass they do not, and the modules start as in
      Caffe; the convolutions of the complex bypass start at half of Caffe's deviation.
    - `bypass="complex"` has 1,589,672 parameters, 6.1 MiB, where the paper prints 7.7 MB.
"""

from dataclasses import dataclass
from typing import Any

from keras import initializers, layers

from keras_classic_cnns.application import Family, convolutional_head, head_dtype
from keras_classic_cnns.blocks.conv import conv, conv_act
from keras_classic_cnns.core.options import choice, rate
from keras_classic_cnns.layers import Fire, PaddedMaxPooling2D
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["SqueezeNet10", "SqueezeNet11", "decode_predictions", "preprocess_input"]

# Table 1: filters of squeeze 1x1, expand 1x1, expand 3x3
FIRES = {
    2: (16, 64, 64),
    3: (16, 64, 64),
    4: (32, 128, 128),
    5: (32, 128, 128),
    6: (48, 192, 192),
    7: (48, 192, 192),
    8: (64, 256, 256),
    9: (64, 256, 256),
}


@dataclass(frozen=True)
class Config:
    """One version."""

    filters: int  # of conv1
    kernel_size: int  # of conv1
    stages: tuple[tuple[int, ...], ...]  # fire modules between two poolings
    bypass: str | None = choice(
        None,
        "Shortcuts around fire modules: `'simple'` adds the input to fire 3, 5, 7 and 9, which "
        "keep the number of channels; `'complex'` also adds a 1x1 convolution of it to 2, 4, 6 "
        "and 8.",
        None,
        "simple",
        "complex",
    )
    dropout: float = rate(0.5, "Rate of the dropout before the last convolution, in `[0, 1)`.")


def body(x: Any, config: Config) -> Any:
    """conv1 to fire9."""
    initializer = "he_uniform" if config.bypass is None else "lecun_uniform"
    x = conv_act(
        x,
        config.filters,
        config.kernel_size,
        strides=2,
        padding="valid",
        kernel_initializer=initializer,
        name="stem_conv",
    )
    for stage, fires in enumerate(config.stages, 1):
        pool = "stem_pool" if stage == 1 else f"stage{stage}_pool"
        x = PaddedMaxPooling2D(3, 2, ceil_mode=True, name=pool)(x)
        for number in fires:
            name = f"stage{stage}_fire{number}"
            y = Fire(*FIRES[number], kernel_initializer=initializer, name=name)(x)
            x = join(x, y, bypass=config.bypass, name=name)
    return x


def join(x: Any, y: Any, *, bypass: str | None, name: str) -> Any:
    """The output of a fire module and its shortcut: the input, a convolution of it, or nothing."""
    keeps = x.shape[-1] == y.shape[-1]
    if bypass is None or (bypass == "simple" and not keeps):
        return y
    if not keeps:
        x = conv(
            x,
            y.shape[-1],
            1,
            use_bias=True,
            # a module's two convolutions and ReLUs leave a quarter of the square, so does this
            kernel_initializer=initializers.VarianceScaling(0.25, distribution="uniform"),
            name=f"{name}_bypass_conv",
        )
    return layers.Add(name=f"{name}_bypass")([y, x])


def head(x: Any, config: Config, classes: int, activation: Any) -> Any:
    """Dropout, conv10, ReLU, mean over all positions."""
    if config.dropout:
        x = layers.Dropout(config.dropout, name="dropout")(x)
    x = layers.Conv2D(
        classes,
        1,
        activation="relu",
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
        dtype=head_dtype(),
        name="conv10",
    )(x)
    return convolutional_head(x, activation)


FAMILY = Family(
    name="squeezenet",
    paper=Paper(
        "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        "Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer",
        2016,
        "https://arxiv.org/abs/1602.07360",
    ),
    body=body,
    head=head,
    preprocessing="torch",
    minimum_size=29,
)
preprocess_input = preprocess_input_for("torch")

SqueezeNet10 = FAMILY.constructor(
    "SqueezeNet10", Config(96, 7, ((2, 3, 4), (5, 6, 7, 8), (9,))), "the paper's version, 1.0."
)
SqueezeNet11 = FAMILY.constructor(
    "SqueezeNet11", Config(64, 3, ((2, 3), (4, 5), (6, 7, 8, 9))), "version 1.1, with less work."
)
