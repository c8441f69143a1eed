"""NASNet: Zoph, Vasudevan, Shlens, Le, 2017, arXiv 1707.07012.

A search on CIFAR-10 finds not a network but two cells, one that keeps the size of the map and one
that halves it; networks of any size are stacked of them, also for images that the search never
saw. Each cell sees the outputs of the two before it. The cells here are those of NASNet-A, the
best of the three searches; the paper names its networks N @ P, N normal cells in a row and P
channels in front of the classifier. Cells B and C are printed as pictures only.

Differences from the paper:
    - What the figures leave open follows the authors' code (tensorflow/models, slim): how h1 is
      adjusted and that it is part of a normal cell's output, padding, which cell skips the
      reduction, how drop-path grows with depth.
    - Outside of a map there is nothing for a pool, as in the authors' code. Two libraries see
      zeros there where a pool strides: timm for means (`variant="timm"`), keras.applications for
      means and maxima (`variant="keras"`, NASNetMobile's default, since its public weights are
      those of keras.applications).
    - For 7 @ 2304 on CIFAR the paper prints 27.6 M parameters; the released cells give 32.6 M. So
      it is on ImageNet, `NASNetMobile(cells=..., filters=...)`, with 7 @ 1920 (22.6 M, here 24.6 M)
      and 5 @ 1538 (10.9 M, here 12.2 M with 1,536 channels: 1,538 cannot be divided by 24).
    - Schedules of drop-path count training steps only where `drop_path_steps` is given.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keras import layers

from keras_classic_cnns.application import AuxiliaryHead, Family, aux_heads_option, dropout_head
from keras_classic_cnns.blocks.cell import NASNET_A, build_cell
from keras_classic_cnns.blocks.conv import batch_norm, conv, conv_bn_act, relu
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import choice, option, rate
from keras_classic_cnns.layers import ScheduledDropPath
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "NASNetCIFAR",
    "NASNetLarge",
    "NASNetMobile",
    "decode_predictions",
    "preprocess_input",
]


def _filters_option(divisor: int) -> Any:
    def check(name: str, value: Any) -> int:
        if validate.positive_int(name, value) % divisor:
            raise ValueError(
                f"`{name}` must be a multiple of {divisor}, so that every cell has a whole number "
                f"of filters. {validate.received(name, value)}"
            )
        return value

    doc = f"Channels in front of the classifier, P of the paper's N @ P: a multiple of {divisor}."
    return option(768, doc, check=check)


def _steps(name: str, value: Any) -> int | None:
    return None if value is None else validate.positive_int(name, value)


@dataclass(frozen=True)
class Config:
    """A network of the paper's tables, N @ P."""

    cells: int = option(
        6, "Normal cells in a row, N of the paper's N @ P.", check=validate.positive_int
    )
    filters: int = _filters_option(24)
    drop_path_rate: float = rate(
        0.4,
        "Probability to drop a path of the last cell at the end of training, 1 minus the paper's "
        "keep probability, in [0, 1); cells before it drop less. See `ScheduledDropPath`.",
    )
    drop_path_steps: int | None = option(
        None,
        "Training steps over which drop-path grows from 0 to its rate. Each drop-path then counts "
        "the steps in an integer weight, which `count_params()` includes. `None` drops with the "
        "full rate from the beginning.",
        check=_steps,
    )
    dropout: float = rate(0.0, "Dropout in front of the classifier, in [0, 1).")
    aux_heads: bool = aux_heads_option()
    skips_reduction: bool = False  # the cell after a reduction sees what that cell saw as h1
    variant: str = "slim"


@dataclass(frozen=True)
class ImageNetConfig(Config):
    """A network for ImageNet, which starts with two more reduction cells."""

    stem: int = 32  # filters of the first convolution
    filters: int = _filters_option(96)
    variant: str = choice(
        "slim",
        "What the pools that stride see outside of the map: `'slim'` nothing (the authors' code), "
        "`'timm'` zeros for means, `'keras'` zeros for means and maxima. Parameters are the same.",
        "slim",
        "timm",
        "keras",
    )


ZERO_PADDED = {"slim": (), "timm": ("avg_pool",), "keras": ("avg_pool", "max_pool")}
IMAGENET = {"epsilon": 1e-3, "momentum": 0.9997}
CIFAR = {"epsilon": 1e-5, "momentum": 0.9}


def imagenet_body(x: Any, config: ImageNetConfig) -> Any:
    """A convolution that halves the image, two reduction cells, then as for CIFAR."""
    x = conv(x, config.stem, 3, strides=2, padding="valid", name="stem_conv")
    return _cells(batch_norm(x, name="stem_bn", **IMAGENET), config, IMAGENET)


def cifar_body(x: Any, config: Config) -> Any:
    """A convolution, then three rows of normal cells with a reduction cell between them."""
    x = conv(x, 3 * (config.filters // 24), 3, name="stem_conv")
    return _cells(batch_norm(x, name="stem_bn", **CIFAR), config, CIFAR)


def _plan(config: Config) -> Iterator[tuple[str, int]]:
    """Name and filters of every cell; a stage is what lies at one resolution."""
    filters = config.filters // 24  # the output has six times as many, and they double twice
    stage = 1
    if isinstance(config, ImageNetConfig):
        yield "stage1_reduction", filters // 4
        yield "stage2_reduction", filters // 2
        stage = 2
    for row in range(3):
        if row:
            yield f"stage{stage + row}_reduction", filters * 2**row
        for block in range(1, config.cells + 1):
            yield f"stage{stage + row}_block{block}", filters * 2**row


def _cells(x: Any, config: Config, norm: dict[str, float]) -> Any:
    plan = list(_plan(config))
    previous, previous_strides = None, 1
    for number, (name, filters) in enumerate(plan, start=1):
        is_reduction = name.endswith("reduction")
        strides = 2 if is_reduction else 1
        y = build_cell(
            x,
            previous,
            NASNET_A.reduction if is_reduction else NASNET_A.normal,
            filters,
            strides=strides,
            previous_strides=previous_strides,
            zero_padded=ZERO_PADDED[config.variant],
            on_edge=_drop_path(config, number / len(plan)),
            name=name,
            **norm,
        )
        # Large's cell behind a reduction sees what the reduction saw, not its input; the stem's
        # reductions are cells like any other
        skips = is_reduction and number > 2 and config.skips_reduction
        previous, x = (previous if skips else x), y
        previous_strides = strides
    return relu(x, name=f"{plan[-1][0]}_relu")


def _drop_path(config: Config, depth: float) -> Any:
    """What is done to the result of every operation of a cell."""
    if not config.drop_path_rate:
        return None

    def on_edge(y, *, name):
        return ScheduledDropPath(
            config.drop_path_rate, depth, config.drop_path_steps, name=f"{name}_drop"
        )(y)

    return on_edge


def aux_heads(config: Config) -> tuple[AuxiliaryHead]:
    """The head behind the last normal cell before the last reduction."""
    is_imagenet = isinstance(config, ImageNetConfig)
    norm, stage = (IMAGENET, 3) if is_imagenet else (CIFAR, 2)

    def head(x: Any, name: str) -> Any:
        _check_map(x)
        x = relu(x, name=f"{name}_relu")
        x = layers.AveragePooling2D(5, strides=3, name=f"{name}_pool")(x)
        x = conv_bn_act(x, 128, 1, prefix=name, suffix="1", **norm)
        x = conv_bn_act(
            x, 768, tuple(x.shape[1:3]), padding="valid", prefix=name, suffix="2", **norm
        )
        return layers.Flatten(name=f"{name}_flatten")(x)

    at = f"stage{stage}_block{config.cells}_concat"
    return (AuxiliaryHead("aux1", at, head, loss_weight=0.4),)


def _check_map(x: Any) -> None:
    size = tuple(x.shape[1:3])
    if None in size or min(size) < 5:
        raise ValueError(
            "`aux_heads` needs an image of fixed size whose map in front of the last reduction is "
            f"at least 5x5. {validate.received('map', size)}"
        )


FAMILY = Family(
    name="nasnet",
    paper=Paper(
        "Learning Transferable Architectures for Scalable Image Recognition",
        "Zoph, Vasudevan, Shlens, Le",
        2017,
        "https://arxiv.org/abs/1707.07012",
    ),
    body=imagenet_body,
    head=dropout_head,
    aux_heads=aux_heads,
    preprocessing="tf",
    input_size=224,
)
LARGE_FAMILY = dataclasses.replace(FAMILY, input_size=331)
CIFAR_FAMILY = dataclasses.replace(
    FAMILY, body=cifar_body, input_size=32, minimum_size=8, classes=10
)
preprocess_input = preprocess_input_for("tf")

NASNetMobile = FAMILY.constructor(
    "NASNetMobile",
    ImageNetConfig(cells=4, filters=1056, drop_path_rate=0.0, dropout=0.5, variant="keras"),
    "NASNet-A 4 @ 1056, for small devices.",
)
NASNetLarge = LARGE_FAMILY.constructor(
    "NASNetLarge",
    ImageNetConfig(
        stem=96,
        skips_reduction=True,
        cells=6,
        filters=4032,
        drop_path_rate=0.3,
        dropout=0.5,
    ),
    "NASNet-A 6 @ 4032, on images of 331 pixels.",
)
NASNetCIFAR = CIFAR_FAMILY.constructor(
    "NASNetCIFAR", Config(), "NASNet-A 6 @ 768 and its relatives, for CIFAR."
)
