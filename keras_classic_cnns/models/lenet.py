"""LeNet-5: LeCun, Bottou, Bengio, Haffner, Proceedings of the IEEE, 1998.

Convolutions share weights over the image, subsampling makes small shifts matter less, and the two
alternate until one position is left: the plan of every network since. `variant="1998"` is the
network of the paper to the last of its 60,000 parameters; the default is the form taught today,
and comes trained: `LeNet5(weights="digits")` reads the digits that scikit-learn bundles.

Differences from the paper, of `variant="1998"`:
    - The output is softmax of the negative distances, not the distances, so that it can be trained
      and read like any Keras classifier. That is the paper's posterior without its "rubbish" class.
    - The 7x12 bitmaps that the output compares with are drawn after the paper's Figure 3, which
      prints them as a picture only.
    - Images of 28 to 31 pixels are padded by zeros to 32, where the paper centres them in its
      background, which is -0.1 after scaling. Of an input of free size (`include_top=False`)
      nothing is padded: it must have 32 pixels.
Differences of the default, `variant="modern"`, beside the last:
    - C3 is connected fully, S2 and S4 average without parameters, the activation is tanh, and the
      output is dense with softmax: 61,706 parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from keras import initializers, layers

from keras_classic_cnns.application import Family, classifier, head_dtype
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import choice
from keras_classic_cnns.layers import (
    FanInUniform,
    RadialBasis,
    TableConv2D,
    TrainableSubsampling,
    scaled_tanh,
)
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["LeNet5", "decode_predictions", "preprocess_input"]

# Table I: the maps of S2 that each map of C3 sees
TABLE_1 = [
    *[[i, (i + 1) % 6, (i + 2) % 6] for i in range(6)],  # 0-5: three in a row
    *[[i, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6] for i in range(6)],  # 6-11: four in a row
    *[[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5]],  # 12-14: two pairs
    [0, 1, 2, 3, 4, 5],  # 15: all
]

# the ten digits of the output's codes, after Figure 3: 7 wide, 12 high
DIGITS = """
..###.. ...#... ..###.. .#####. ....##. ####### ..####. ####### .#####. .#####.
.#...#. ..##... .#...#. #.....# ...#.#. #...... .#..... ......# #.....# #.....#
#.....# .###... #.....# ......# ...#.#. #...... #...... .....#. #.....# #.....#
#.....# ...#... ......# ......# ..#..#. #...... #...... .....#. #.....# #.....#
#.....# ...#... .....#. ......# ..#..#. #.####. #...... ....#.. .#...#. #.....#
#.....# ...#... ....#.. ..####. .#...#. ##....# #.####. ....#.. ..###.. .######
#.....# ...#... ...#... ......# .#...#. ......# ##....# ...#... .#...#. ......#
#.....# ...#... ..#.... ......# #....#. ......# #.....# ...#... #.....# ......#
#.....# ...#... .#..... ......# ####### ......# #.....# ..#.... #.....# ......#
#.....# ...#... #...... ......# .....#. #.....# #.....# ..#.... #.....# .....#.
.#...#. ...#... #...... #.....# .....#. .#...#. .#...#. .#..... #.....# ....#..
..###.. .#####. ####### .#####. .....#. ..###.. ..###.. .#..... .#####. .###...
"""


def digit_codes() -> list[list[int]]:
    """The ten codes of 84 values, +1 for ink and -1 for background, row by row."""
    rows = [row.split() for row in DIGITS.strip().splitlines()]
    return [[1 if dot == "#" else -1 for row in rows for dot in row[k]] for k in range(10)]


@dataclass(frozen=True)
class Config:
    """LeNet-5 has no table of sizes; its two forms differ in the layers of `Parts`."""

    variant: str = choice(
        "modern",
        "`'modern'` has full connections, average pooling and softmax (61,706 parameters); "
        "`'1998'` is the paper's network: connection table, trainable subsampling, scaled tanh and "
        "distances to fixed bitmaps (60,000 parameters, ten classes).",
        "modern",
        "1998",
    )


@dataclass(frozen=True)
class Parts:
    """The layers in which the two variants differ."""

    activation: Any
    initializer: Callable[[], Any]
    subsample: Callable[..., Any]  # S2 and S4
    c3: Callable[..., Any]
    output: Callable[[Any, int, Any], Any]


def bitmap_classifier(x: Any, classes: int, activation: Any) -> Any:
    """Scores the ten digits by the distance of F6 to their bitmaps."""
    if classes != 10:
        raise ValueError(
            "`classes` must be 10 with variant='1998', whose output has bitmaps for the ten digits "
            f"only. {validate.received('classes', classes)}"
        )
    codes = digit_codes()
    return RadialBasis(codes, activation=activation, dtype=head_dtype(), name="predictions")(x)


VARIANTS = {
    "modern": Parts(
        activation="tanh",
        initializer=initializers.GlorotUniform,
        subsample=partial(layers.AveragePooling2D, 2),
        c3=partial(layers.Conv2D, 16),
        output=classifier,
    ),
    "1998": Parts(
        activation=scaled_tanh,
        initializer=FanInUniform,
        subsample=partial(TrainableSubsampling, 2, activation=scaled_tanh),
        c3=partial(TableConv2D, TABLE_1),
        output=bitmap_classifier,
    ),
}


def body(x: Any, config: Config) -> Any:
    """C1 to C5, on 32x32; smaller images, as MNIST's 28x28, are centred in it."""
    parts = VARIANTS[config.variant]

    def settings(name: str) -> dict[str, Any]:
        return {
            "kernel_size": 5,
            "activation": parts.activation,
            "kernel_initializer": parts.initializer(),
            "name": name,
        }

    x = centre(x, 32)
    x = layers.Conv2D(6, **settings("stage1_c1"))(x)  # 28x28
    x = parts.subsample(name="stage1_s2")(x)  # 14x14
    x = parts.c3(**settings("stage2_c3"))(x)  # 10x10
    x = parts.subsample(name="stage2_s4")(x)  # 5x5
    return layers.Conv2D(120, **settings("stage3_c5"))(x)  # 1x1


def centre(x: Any, size: int) -> Any:
    """Pads a map with zeros to `size`, where it is smaller."""
    missing = [max(size - (dim or size), 0) for dim in x.shape[1:3]]
    if not any(missing):
        return x
    padding = tuple((total // 2, total - total // 2) for total in missing)
    return layers.ZeroPadding2D(padding, name="stem_pad")(x)


def head(x: Any, config: Config, classes: int, activation: Any) -> Any:
    """F6 and the output."""
    parts = VARIANTS[config.variant]
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(
        84, activation=parts.activation, kernel_initializer=parts.initializer(), name="f6"
    )(x)
    return parts.output(x, classes, activation)


FAMILY = Family(
    name="lenet",
    paper=Paper(
        "Gradient-Based Learning Applied to Document Recognition",
        "LeCun, Bottou, Bengio, Haffner",
        1998,
        "https://doi.org/10.1109/5.726791",
    ),
    body=body,
    head=head,
    preprocessing="lenet",
    input_size=32,
    minimum_size=28,
    channels=1,
    classes=10,
    needs_size=True,
)
preprocess_input = preprocess_input_for("lenet")

LeNet5 = FAMILY.constructor("LeNet5", Config(), "seven layers that read digits.")
