"""Residual units and how they are stacked, shared by ResNet and what grew out of it."""

from collections.abc import Callable, Sequence
from typing import Any

from keras import layers

from keras_classic_cnns.blocks.conv import batch_norm, conv, conv_bn_act, relu
from keras_classic_cnns.core.options import choice, chosen_options, switch
from keras_classic_cnns.layers import PaddedMaxPooling2D, ZeroChannelShortcut

Branch = Callable[..., Any]

EXPANSION = 4  # output channels of a bottleneck, in units of its filters


def shortcut_option(default: str) -> Any:
    """A `Config` field: the kind of shortcut, see `join`.

    Args:
        default: The family's own.
    """
    return choice(
        default,
        "Shortcut where the shape changes: `'A'` subsamples and appends zero channels, `'B'` "
        "projects by a 1x1 convolution; `'C'` projects everywhere.",
        "A",
        "B",
        "C",
    )


def zero_init_option() -> Any:
    """A `Config` field: whether units start as their shortcuts."""
    return switch(
        False,
        "Whether every unit starts as its shortcut alone, with a last gamma of zero (Goyal et "
        "al., 2017).",
    )


def unit_options(config: Any) -> dict[str, Any]:
    """What a unit is told of a config: its options by name, and no shortcut where it has none.

    Args:
        config: A dataclass instance.
    """
    return {"shortcut": None, **chosen_options(config)}


def imagenet_stem(x: Any, filters: int = 64, *, padded_pool: bool = True) -> Any:
    """7x7 convolution with stride 2, then `stem_pool`: a quarter of the size.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        padded_pool: See `stem_pool`.
    """
    x = conv_bn_act(x, filters, 7, strides=2, prefix="stem")
    return stem_pool(x, padded=padded_pool)


def stem_pool(x: Any, *, padded: bool = True) -> Any:
    """3x3 max pooling with stride 2, as Torch or as Caffe does it.

    Half the size in both, but the windows lie a pixel apart, so weights do not fit the other one.

    Args:
        x: `(batch, height, width, channels)`, the output of a ReLU.
        padded: Whether the map is padded by 1 on every side (Torch); otherwise the last window
            may reach over the end (Caffe).
    """
    if not padded:
        return PaddedMaxPooling2D(3, 2, ceil_mode=True, name="stem_pool")(x)
    # zeros are as good as minus infinity here: nothing is below zero after the ReLU
    x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)


def cifar_stem(x: Any, filters: int = 16, *, use_bias: bool = False) -> Any:
    """A 3x3 convolution that keeps the size, for small images.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        use_bias: Whether the convolution has a bias, which the normalisation cancels.
    """
    return conv_bn_act(x, filters, 3, use_bias=use_bias, prefix="stem")


def basic_block(
    x: Any,
    filters: int,
    *,
    strides: int,
    shortcut: str | None,
    use_bias: bool = False,
    zero_init_last_gamma: bool = False,
    on_branch: Branch | None = None,
    gate: Any = None,
    name: str,
) -> Any:
    """The unit of two 3x3 convolutions.

        y = relu(bn(conv3x3(relu(bn(conv3x3(x))))) + shortcut(x))

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of both convolutions.
        strides: Stride of the first one.
        shortcut: `"A"`, `"B"`, `"C"` or `"mean"`, see `join`; `None` leaves it out (a plain net).
        use_bias: Whether the convolutions have biases, which the normalisation cancels.
        zero_init_last_gamma: Whether the unit starts as its shortcut alone.
        on_branch: See `join`.
        gate: See `batch_norm`.
        name: What the layers' names begin with.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.
    """
    first = dict(strides=strides, use_bias=use_bias, gate=gate)
    y = conv_bn_act(x, filters, 3, prefix=name, suffix="1", **first)
    y = conv(y, filters, 3, use_bias=use_bias, name=f"{name}_conv2")
    gamma = _last_gamma(zero_init_last_gamma)
    y = batch_norm(y, gamma_initializer=gamma, gate=gate, name=f"{name}_bn2")
    return join(x, y, strides=strides, shortcut=shortcut, on_branch=on_branch, name=name)


def bottleneck_block(
    x: Any,
    filters: int,
    *,
    strides: int,
    shortcut: str | None,
    stride_in: str = "3x3",
    groups: int = 1,
    width: int | None = None,
    first_width: int | None = None,
    projection_size: int = 1,
    zero_init_last_gamma: bool = False,
    on_branch: Branch | None = None,
    gate: Any = None,
    name: str,
) -> Any:
    """The unit of a 3x3 convolution between two 1x1 ones.

        y = relu(bn(conv1x1(relu(bn(conv3x3(relu(bn(conv1x1(x)))))))) + shortcut(x))

    Args:
        x: `(batch, height, width, channels)`.
        filters: A quarter of the output's channels.
        strides: Stride of the unit.
        shortcut: `"A"`, `"B"`, `"C"` or `"mean"`, see `join`; `None` leaves it out.
        stride_in: The convolution that strides: `"1x1"` (the first one) or `"3x3"`.
        groups: Groups of the 3x3 convolution (cardinality).
        width: Channels of the first two convolutions, by default `filters`.
        first_width: Channels of the first one alone, by default `width`.
        projection_size: See `join`.
        zero_init_last_gamma: Whether the unit starts as its shortcut alone.
        on_branch: See `join`.
        gate: See `batch_norm`.
        name: What the layers' names begin with.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), 4 * filters)`.
    """
    width = width or filters
    first, second = (strides, 1) if stride_in == "1x1" else (1, strides)
    y = conv_bn_act(x, first_width or width, 1, strides=first, gate=gate, prefix=name, suffix="1")
    middle = dict(strides=second, groups=groups, gate=gate)
    y = conv_bn_act(y, width, 3, prefix=name, suffix="2", **middle)
    y = conv(y, EXPANSION * filters, 1, name=f"{name}_conv3")
    gamma = _last_gamma(zero_init_last_gamma)
    y = batch_norm(y, gamma_initializer=gamma, gate=gate, name=f"{name}_bn3")
    return join(
        x,
        y,
        strides=strides,
        shortcut=shortcut,
        projection_size=projection_size,
        on_branch=on_branch,
        name=name,
    )


def join(
    x: Any,
    y: Any,
    *,
    strides: int,
    shortcut: str | None,
    projection_size: int = 1,
    on_branch: Branch | None = None,
    name: str,
) -> Any:
    """Ends a unit: relu(y + shortcut(x)), or relu(y) without a shortcut.

    Args:
        x: The input of a unit.
        y: Its residual branch, `(batch, height, width, filters)`.
        strides: Stride of the unit.
        shortcut: `"A"` subsamples and appends zero channels where the shape changes, `"B"`
            projects by a convolution there, `"C"` projects everywhere, `"mean"` is `"A"` with the
            mean of each window of `strides` instead of its first value, `None` adds nothing.
        projection_size: Kernel size of projections with a stride; 1x1 without one.
        on_branch: `on_branch(y, name=name)`, what is done to the branch before the sum, such as
            squeeze-and-excitation; its layers' names begin with `<name>_`.
        name: What the layers' names begin with.

    Returns:
        A tensor of the shape of `y`.
    """
    if on_branch is not None:
        y = on_branch(y, name=name)
    if shortcut is not None:
        filters = y.shape[-1]
        changes = strides > 1 or x.shape[-1] != filters
        if shortcut == "C" or (shortcut == "B" and changes):
            size = projection_size if strides > 1 else 1
            x = conv(x, filters, size, strides=strides, name=f"{name}_shortcut_conv")
            x = batch_norm(x, name=f"{name}_shortcut_bn")
        elif changes:
            if shortcut == "mean" and strides > 1:
                # "same" only for odd sizes, where the last window is cut off
                pool = layers.AveragePooling2D(
                    strides, padding="same", name=f"{name}_shortcut_pool"
                )
                x, strides = pool(x), 1
            x = ZeroChannelShortcut(filters, strides, name=f"{name}_shortcut")(x)
        y = layers.Add(name=f"{name}_add")([x, y])
    return relu(y, name=f"{name}_out")


def stack(
    x: Any, depths: Sequence[int], widths: Sequence[int], unit: Callable[..., Any], **options: Any
) -> Any:
    """Stages of units; the first unit of every stage but the first halves the map.

    Args:
        x: `(batch, height, width, channels)`.
        depths: Units in each stage.
        widths: Filters of each stage.
        unit: `unit(x, filters, strides=, name=, **options)`.
        **options: Passed on to every unit.

    Returns:
        The output of the last stage. Layers are named `stage<i>_block<j>_...`.
    """
    for stage, (depth, filters) in enumerate(zip(depths, widths, strict=True), start=1):
        for block in range(1, depth + 1):
            strides = 2 if stage > 1 and block == 1 else 1
            x = unit(x, filters, strides=strides, name=f"stage{stage}_block{block}", **options)
    return x


def _last_gamma(zero_init_last_gamma: bool) -> str:
    return "zeros" if zero_init_last_gamma else "ones"
