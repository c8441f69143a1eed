"""FractalNet: Larsson, Maire, Shakhnarovich, 2016, arXiv 1605.07648.

Depth without residuals. A fractal of one column is a convolution; one of C + 1 columns is twice
that of C, one behind the other, beside a single convolution:

    f_1 = conv,    f_{C+1}(x) = join((f_C . f_C)(x), conv(x))

A join is the mean of its inputs. Training drops inputs of joins (local drop-path) or all columns
but one (global drop-path), so that each column learns to classify alone: `kcc.column` takes one
out, a shallow one for speed or the deepest for accuracy.

Differences from the paper:
    - Batch normalisation has scale and offset, convolutions have no bias; the authors' Caffe nets
      have it the other way round. FractalNet20 then has 33.7 million parameters of the published
      filters; the 38.6 million that the paper prints follow from no reading of them.
    - FractalNet40 has the filters of FractalNet20, 76.1 million parameters; the paper prints 22.9
      million, which no natural list of filters gives. `widths=(24, 48, 96, 192, 384)` comes near.
    - The authors draw local or global drop-path for a whole batch, `per="batch"`; the default
      draws for each sample, so that every batch holds both.
    - Where a sample is bound to a column, joins that the column does not pass give the mean of
      their inputs. Nothing of it reaches the output.
    - FractalNet34: the paper gives depth, columns, blocks and the first layer. Its filters are
      those of third-party code and are not verified; we leave out its dropout, of which nothing
      is known.
    - Each channel is scaled by ImageNet's mean and deviation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import layers

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.conv import batch_norm, conv, relu
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import choice, option, rate
from keras_classic_cnns.layers import FractalJoin, FractalPath
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "FractalNet20",
    "FractalNet34",
    "FractalNet40",
    "FractalNetDeep",
    "decode_predictions",
    "preprocess_input",
]

# Caffe's "xavier": uniform with the variance 1 / fan-in
INITIALIZER = "lecun_uniform"


def dropout_option(default: float) -> Any:
    """A `Config` field: the rate of dropout in the last block."""
    return rate(
        default,
        "Rate of dropout behind the convolutions of the last block, in [0, 1); it grows evenly "
        "from 0 in the first block.",
    )


def widths_option(*default: int) -> Any:
    """A `Config` field: the filters of each block, as many as `default` has."""

    def check(name: str, value: Any) -> tuple[int, ...]:
        if not isinstance(value, tuple | list) or len(value) != len(default):
            raise ValueError(
                f"`{name}` must be a tuple of {len(default)} positive integers. "
                f"{validate.received(name, value)}"
            )
        return tuple(validate.positive_int(name, width) for width in value)

    return option(default, "Filters of each block.", check=check)


@dataclass(frozen=True)
class Config:
    """One net of the paper."""

    columns: int  # C: the deepest column has 2**(C - 1) convolutions in each block
    widths: tuple[int, ...] = widths_option(64, 128, 256, 512, 512)
    drop_path: float = rate(
        0.15,
        "Probability that local drop-path drops an input of a join, in [0, 1); where it is not 0, "
        "half of the samples are bound to one column each instead (global drop-path).",
    )
    per: str = choice(
        "sample",
        "Whether drop-path is drawn for each `'sample'` or once for a `'batch'` (authors' code).",
        "sample",
        "batch",
    )
    dropout: float = dropout_option(0.4)


@dataclass(frozen=True)
class DeepConfig(Config):
    """The ultra-deep nets: narrow, and with any number of columns."""

    columns: int = option(
        5,
        "Columns (C), at least 1; the depth is 5 * 2**(C - 1).",
        check=validate.positive_int,
    )
    widths: tuple[int, ...] = widths_option(16, 32, 64, 128, 128)


@dataclass(frozen=True)
class ImageNetConfig(Config):
    """The net for ImageNet."""

    widths: tuple[int, ...] = widths_option(128, 256, 512, 1024)
    dropout: float = dropout_option(0.0)


Unit = Callable[..., Any]
Join = Callable[..., Any]


def conv_unit(x: Any, filters: int, *, dropout: float, prefix: str, suffix: str) -> Any:
    """relu(bn(dropout(conv3x3(x)))): dropout comes before the normalisation."""
    x = conv(x, filters, 3, kernel_initializer=INITIALIZER, name=f"{prefix}_conv{suffix}")
    if dropout:
        x = layers.Dropout(dropout, name=f"{prefix}_dropout{suffix}")(x)
    x = batch_norm(x, name=f"{prefix}_bn{suffix}")
    return relu(x, name=f"{prefix}_relu{suffix}")


def fractal(x: Any, columns: int, unit: Unit, join: Join, *, total: int, step: int = 0) -> list:
    """The outputs of `columns` columns, not yet joined, the shallowest first.

    Args:
        x: `(batch, height, width, channels)`.
        columns: How many there are.
        unit: `unit(x, column, step)`, the convolution of a column that begins at a step.
        join: `join(outputs, step)`.
        total: Columns of the net; the deepest has this number, the shallowest has 1.
        step: Convolutions of the deepest column that come before.
    """
    single = unit(x, total - columns + 1, step)
    if columns == 1:
        return [single]
    half = step + 2 ** (columns - 2)
    first = fractal(x, columns - 1, unit, join, total=total, step=step)
    second = fractal(join(first, half), columns - 1, unit, join, total=total, step=half)
    return [single, *second]


def block(x: Any, filters: int, config: Config, path: Any, *, dropout: float, name: str) -> Any:
    """A fractal, each column of which is pooled before the last join: a mean of maxima."""

    def unit(x: Any, column: int, step: int) -> Any:
        number = step // 2 ** (config.columns - column) + 1  # counted within its column
        prefix = f"{name}_column{column}"
        return conv_unit(x, filters, dropout=dropout, prefix=prefix, suffix=f"{number}")

    def join(outputs: list, place: Any) -> Any:
        if len(outputs) == 1:
            return outputs[0]
        layer = FractalJoin(config.drop_path, config.per, name=f"{name}_join{place}")
        return layer(outputs, **({} if path is None else {"path": path}))

    outputs = fractal(x, config.columns, unit, join, total=config.columns)
    first = config.columns - len(outputs) + 1
    pooled = [
        layers.MaxPooling2D(2, name=f"{name}_column{column}_pool")(output)
        for column, output in enumerate(outputs, start=first)
    ]
    return join(pooled, "")


def body(x: Any, config: Config) -> Any:
    """The blocks, each of which halves the map."""
    path = None
    if config.drop_path and config.columns > 1:
        path = FractalPath(config.columns, per=config.per, name="path")(x)
    last = len(config.widths) - 1
    for i, filters in enumerate(config.widths):
        dropout = round(config.dropout * i / last, 6)
        x = block(x, filters, config, path, dropout=dropout, name=f"stage{i + 1}")
    return x


def imagenet_body(x: Any, config: Config) -> Any:
    """A 7x7 convolution that halves the map, then the blocks."""
    x = conv(x, 64, 7, strides=2, kernel_initializer=INITIALIZER, name="stem_conv")
    return body(relu(batch_norm(x, name="stem_bn"), name="stem_relu"), config)


PAPER = Paper(
    "FractalNet: Ultra-Deep Neural Networks without Residuals",
    "Larsson, Maire, Shakhnarovich",
    2016,
    "https://arxiv.org/abs/1605.07648",
)
CIFAR = Family(
    name="fractalnet",
    paper=PAPER,
    body=body,
    input_size=32,
    minimum_size=32,
    classes=10,
)
IMAGENET = Family(name="fractalnet", paper=PAPER, body=imagenet_body)
preprocess_input = preprocess_input_for("torch")

FractalNet20 = CIFAR.constructor(
    "FractalNet20", Config(3), "Five blocks of three columns, the deepest of 20 layers, for CIFAR."
)
FractalNet40 = CIFAR.constructor(
    "FractalNet40", Config(4), "Five blocks of four columns, the deepest of 40 layers, for CIFAR."
)
FractalNetDeep = CIFAR.constructor(
    "FractalNetDeep", DeepConfig(), "Five narrow blocks of any number of columns, for CIFAR."
)
FractalNet34 = IMAGENET.constructor(
    "FractalNet34", ImageNetConfig(4), "A 7x7 convolution, then four blocks of four columns."
)
