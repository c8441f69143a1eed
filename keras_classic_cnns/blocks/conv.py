"""Convolution, batch normalisation, activation: the one place that says how each is set."""

from typing import Any

from keras import initializers, layers

from keras_classic_cnns.layers import BatchNormalization, GroupedConv2D


def he_normal() -> initializers.Initializer:
    """Normal with variance 2 / (kh * kw * filters), the fan-out form of He et al. (2015)."""
    return initializers.VarianceScaling(2.0, mode="fan_out", distribution="untruncated_normal")


def conv(
    x: Any, filters: int, kernel_size: int, *, strides: int = 1, groups: int = 1, name: str
) -> Any:
    """A convolution without bias, padded by `kernel_size // 2` on every side.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        kernel_size: Height and width of the kernel, odd.
        strides: Step in both directions.
        groups: Groups of channels that do not see each other (cardinality).
        name: Name of the layer.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.
    """
    padding = kernel_size // 2
    if padding and strides > 1:
        # "same" would pad an even map at one side only and shift the result by a pixel
        x = layers.ZeroPadding2D(padding, name=f"{name}_pad")(x)
    layer = layers.Conv2D if groups == 1 else GroupedConv2D
    return layer(
        filters,
        kernel_size,
        strides=strides,
        padding="same" if padding and strides == 1 else "valid",
        groups=groups,
        use_bias=False,
        kernel_initializer=he_normal(),
        name=name,
    )(x)


def batch_norm(x: Any, *, gamma_initializer: str = "ones", name: str) -> Any:
    """Batch normalisation as in Caffe and Torch: epsilon 1e-5, moving averages with 0.9."""
    return BatchNormalization(
        momentum=0.9, epsilon=1e-5, gamma_initializer=gamma_initializer, name=name
    )(x)


def relu(x: Any, *, name: str) -> Any:
    """The rectifier, max(x, 0)."""
    return layers.ReLU(name=name)(x)


def conv_bn_act(
    x: Any,
    filters: int,
    kernel_size: int,
    *,
    strides: int = 1,
    groups: int = 1,
    prefix: str,
    suffix: str = "",
) -> Any:
    """Convolution, batch normalisation, ReLU: relu(bn(conv(x))).

    The layers are named `<prefix>_conv<suffix>`, `<prefix>_bn<suffix>`, `<prefix>_relu<suffix>`.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        kernel_size: Height and width of the kernel, odd.
        strides: Step in both directions.
        groups: Groups of channels that do not see each other.
        prefix: What the layers' names begin with.
        suffix: What they end with, such as a number.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.
    """
    name = f"{prefix}_conv{suffix}"
    x = conv(x, filters, kernel_size, strides=strides, groups=groups, name=name)
    x = batch_norm(x, name=f"{prefix}_bn{suffix}")
    return relu(x, name=f"{prefix}_relu{suffix}")
