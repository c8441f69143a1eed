"""Pre-activation units: normalised and activated before each convolution, and the sum left alone.

Shared by the networks of He et al. (2016) and of Zagoruyko and Komodakis (2016).
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from keras import layers

from keras_classic_cnns.blocks.conv import batch_norm, conv, he_normal, relu
from keras_classic_cnns.blocks.residual import EXPANSION, stack
from keras_classic_cnns.layers import ZeroChannelShortcut

Initializer = Callable[[], Any]  # makes a fresh one: one that is shared draws equal kernels


def activate(x: Any, *, prefix: str, suffix: str = "") -> Any:
    """What comes before a convolution: relu(bn(x)).

    Args:
        x: `(batch, height, width, channels)`.
        prefix: The layers are named `<prefix>_bn<suffix>` and `<prefix>_relu<suffix>`.
        suffix: What their names end with, such as a number.
    """
    x = batch_norm(x, name=f"{prefix}_bn{suffix}")
    return relu(x, name=f"{prefix}_relu{suffix}")


def preact_basic_block(
    x: Any,
    filters: int,
    *,
    strides: int,
    shortcut: str = "B",
    preactivation: str = "branch",
    dropout: float = 0.0,
    initializer: Initializer = he_normal,
    name: str,
) -> Any:
    """The unit of two 3x3 convolutions, where nothing follows the sum.

        y = conv3x3(dropout(relu(bn(conv3x3(relu(bn(x))))))) + shortcut(x)

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of both convolutions.
        strides: Stride of the first one.
        shortcut: See `fork`.
        preactivation: See `fork`.
        dropout: Rate of the dropout between the convolutions, in [0, 1).
        initializer: Makes the initialiser of each kernel.
        name: What the layers' names begin with.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.
    """
    y, x = fork(x, filters, strides, shortcut, preactivation, initializer, name=name)
    y = conv(y, filters, 3, strides=strides, kernel_initializer=initializer(), name=f"{name}_conv1")
    y = activate(y, prefix=name, suffix="2")
    if dropout:
        y = layers.Dropout(dropout, name=f"{name}_dropout")(y)
    y = conv(y, filters, 3, kernel_initializer=initializer(), name=f"{name}_conv2")
    return layers.Add(name=f"{name}_add")([x, y])


def preact_bottleneck_block(
    x: Any,
    filters: int,
    *,
    strides: int,
    stride_in: str = "3x3",
    shortcut: str = "B",
    preactivation: str = "branch",
    name: str,
) -> Any:
    """The unit of a 3x3 convolution between two 1x1 ones, where nothing follows the sum.

        y = conv1x1(relu(bn(conv3x3(relu(bn(conv1x1(relu(bn(x))))))))) + shortcut(x)

    Args:
        x: `(batch, height, width, channels)`.
        filters: A quarter of the output's channels.
        strides: Stride of the unit.
        stride_in: The convolution that strides: `"1x1"` (the first one) or `"3x3"`.
        shortcut: See `fork`.
        preactivation: See `fork`.
        name: What the layers' names begin with.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), 4 * filters)`.
    """
    first, second = (strides, 1) if stride_in == "1x1" else (1, strides)
    y, x = fork(x, EXPANSION * filters, strides, shortcut, preactivation, name=name)
    y = conv(y, filters, 1, strides=first, name=f"{name}_conv1")
    y = activate(y, prefix=name, suffix="2")
    y = conv(y, filters, 3, strides=second, name=f"{name}_conv2")
    y = activate(y, prefix=name, suffix="3")
    y = conv(y, EXPANSION * filters, 1, name=f"{name}_conv3")
    return layers.Add(name=f"{name}_add")([x, y])


def fork(
    x: Any,
    filters: int,
    strides: int,
    shortcut: str,
    preactivation: str,
    initializer: Initializer = he_normal,
    *,
    name: str,
) -> tuple[Any, Any]:
    """Begins a unit: the input of its residual branch, and its shortcut.

    Where the shape changes, both share one normalisation and activation; elsewhere the shortcut is
    the sum of the unit before, untouched.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the unit's output.
        strides: Stride of the unit.
        shortcut: What it does where the shape changes: `"A"` subsamples and appends zero channels,
            `"B"` projects by a 1x1 convolution without normalisation.
        preactivation: `"branch"`: as said above. `"both"`: branch and shortcut share it in any
            case. `"none"`: there is none, since `x` is activated already.
        initializer: Makes the initialiser of the projection.
        name: What the layers' names begin with.

    Returns:
        `(batch, height, width, channels)` for the branch, and the shortcut, which has the shape of
        the unit's output.
    """
    changes = strides > 1 or x.shape[-1] != filters
    y = x if preactivation == "none" else activate(x, prefix=name, suffix="1")
    if changes or preactivation == "both":
        x = y
    if changes and shortcut == "B":
        x = conv(
            x,
            filters,
            1,
            strides=strides,
            kernel_initializer=initializer(),
            name=f"{name}_shortcut_conv",
        )
    elif changes:
        x = ZeroChannelShortcut(filters, strides, name=f"{name}_shortcut")(x)
    return y, x


def preact_stack(
    x: Any,
    depths: Sequence[int],
    widths: Sequence[int],
    unit: Callable[..., Any],
    *,
    first: str = "branch",
    **options: Any,
) -> Any:
    """Stages of pre-activation units, and the activation that the last sum still lacks.

    Args:
        x: `(batch, height, width, channels)`.
        depths: Units in each stage.
        widths: Filters of each stage.
        unit: `unit(x, filters, strides=, preactivation=, name=, **options)`.
        first: The `preactivation` of the very first unit, see `fork`.
        **options: Passed on to every unit.

    Returns:
        The activated output of the last stage. Layers are named `stage<i>_block<j>_...`, and the
        last two `stage<i>_bn` and `stage<i>_relu`.
    """
    preactivations = itertools.chain([first], itertools.repeat("branch"))

    def next_unit(x: Any, filters: int, **place: Any) -> Any:
        return unit(x, filters, preactivation=next(preactivations), **place, **options)

    x = stack(x, depths, widths, next_unit)
    return activate(x, prefix=f"stage{len(depths)}")
