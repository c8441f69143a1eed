"""Depthwise separable convolutions: one kernel a channel, then a 1x1 convolution across them."""

from typing import Any

from keras import layers

from keras_classic_cnns.blocks.conv import batch_norm, he_normal, relu


def separable_bn(
    x: Any, filters: int, kernel_size: int, *, strides: int = 1, prefix: str, suffix: str, **norm
) -> Any:
    """Separable convolution and batch normalisation: bn(conv1x1(depthwise(x))).

    Nothing stands between the depthwise convolution and the 1x1. Padding is TensorFlow's "same",
    also with a stride, since the nets that use it were trained so: an even map is padded by one
    place less in front of it than behind.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        kernel_size: Height and width of the depthwise kernels.
        strides: Step of the depthwise convolution, in both directions.
        prefix: The layers are named `<prefix>_conv<suffix>` and `<prefix>_bn<suffix>`.
        suffix: See `prefix`.
        **norm: Of `batch_norm`: `epsilon`, `momentum`.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.
    """
    x = layers.SeparableConv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        depthwise_initializer=he_normal(),
        pointwise_initializer=he_normal(),
        name=f"{prefix}_conv{suffix}",
    )(x)
    return batch_norm(x, name=f"{prefix}_bn{suffix}", **norm)


def separable_twice(
    x: Any, filters: int, kernel_size: int, *, strides: int = 1, prefix: str, **norm
) -> Any:
    """The separable unit of NASNet: bn(separable(relu(bn(separable(x))))).

    Args:
        x: `(batch, height, width, channels)`, rectified: the ReLU in front of the first
            convolution is left to the caller, since several units may share it.
        filters: Channels of the output, and between the two.
        kernel_size: Height and width of the depthwise kernels.
        strides: Step of the first one.
        prefix: What the layers' names begin with.
        **norm: Of `batch_norm`: `epsilon`, `momentum`.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.
    """
    x = separable_bn(x, filters, kernel_size, strides=strides, prefix=prefix, suffix="1", **norm)
    x = relu(x, name=f"{prefix}_relu2")
    return separable_bn(x, filters, kernel_size, prefix=prefix, suffix="2", **norm)
