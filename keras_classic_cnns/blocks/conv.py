"""Convolution, batch normalisation, activation: the one place that says how each is set."""

from typing import Any

from keras import initializers, layers

from keras_classic_cnns.layers import BatchNormalization, GatedBatchNormalization, GroupedConv2D

Size = int | tuple[int, int]


def he_normal() -> initializers.Initializer:
    """Normal with variance 2 / (kh * kw * filters), the fan-out form of He et al. (2015)."""
    return initializers.VarianceScaling(2.0, mode="fan_out", distribution="untruncated_normal")


def conv(
    x: Any,
    filters: int,
    kernel_size: Size,
    *,
    strides: int = 1,
    padding: int | str = "half",
    groups: int = 1,
    use_bias: bool = False,
    kernel_initializer: Any = None,
    bias_initializer: Any = "zeros",
    name: str,
) -> Any:
    """A convolution, by default without bias and padded by `kernel_size // 2` on every side.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        kernel_size: Height and width of the kernel, one odd integer or two.
        strides: Step in both directions.
        padding: `"half"` pads by `kernel_size // 2`, `"valid"` not at all, a whole number by that
            much on every side.
        groups: Groups of channels that do not see each other (cardinality).
        use_bias: Whether it has a bias.
        kernel_initializer: Of the kernel, by default `he_normal()`.
        bias_initializer: Of the bias.
        name: Name of the layer.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)` with `"half"`.
    """
    kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
    half = tuple(size // 2 for size in kernel)
    places = {"half": half, "valid": (0, 0)}.get(padding, (padding, padding))
    # "same" would pad an even map at one side only and shift the result by a pixel
    is_same = places == half and strides == 1 and all(size % 2 for size in kernel)
    if any(places) and not is_same:
        x = layers.ZeroPadding2D(places, name=f"{name}_pad")(x)
    layer = layers.Conv2D if groups == 1 else GroupedConv2D
    return layer(
        filters,
        kernel,
        strides=strides,
        padding="same" if is_same and any(places) else "valid",
        groups=groups,
        use_bias=use_bias,
        kernel_initializer=kernel_initializer or he_normal(),
        bias_initializer=bias_initializer,
        name=name,
    )(x)


def batch_norm(
    x: Any,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    scale: bool = True,
    gamma_initializer: str = "ones",
    gate: Any = None,
    name: str,
) -> Any:
    """Batch normalisation, by default as in Caffe and Torch.

    Args:
        x: `(batch, height, width, channels)`.
        epsilon: Added to the variance.
        momentum: What the moving averages keep of themselves in each step.
        scale: Whether it has a gamma.
        gamma_initializer: Of gamma.
        gate: The draw of a `layers.SurvivalGate`; the moving averages rest where it is closed.
        name: Name of the layer.
    """
    layer = BatchNormalization if gate is None else GatedBatchNormalization
    return layer(
        momentum=momentum,
        epsilon=epsilon,
        scale=scale,
        gamma_initializer=gamma_initializer,
        name=name,
    )(x, **({} if gate is None else {"gate": gate}))


def relu(x: Any, *, name: str) -> Any:
    """The rectifier, max(x, 0)."""
    return layers.ReLU(name=name)(x)


def conv_act(x: Any, filters: int, kernel_size: Size, *, name: str, **options: Any) -> Any:
    """Convolution with bias, then ReLU: relu(conv(x) + b), as nets before batch normalisation.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        kernel_size: Height and width of the kernel.
        name: Name of the convolution; the ReLU is `<name>_relu`.
        **options: Of `conv`.
    """
    x = conv(x, filters, kernel_size, use_bias=True, name=name, **options)
    return relu(x, name=f"{name}_relu")


def conv_bn_act(
    x: Any,
    filters: int,
    kernel_size: Size,
    *,
    strides: int = 1,
    padding: int | str = "half",
    groups: int = 1,
    use_bias: bool = False,
    prefix: str,
    suffix: str = "",
    **norm: Any,
) -> Any:
    """Convolution, batch normalisation, ReLU: relu(bn(conv(x))).

    The layers are named `<prefix>_conv<suffix>`, `<prefix>_bn<suffix>`, `<prefix>_relu<suffix>`.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        kernel_size: Height and width of the kernel.
        strides: Step in both directions.
        padding: See `conv`.
        groups: Groups of channels that do not see each other.
        use_bias: Whether the convolution has a bias, which the normalisation cancels.
        prefix: What the layers' names begin with.
        suffix: What they end with, such as a number.
        **norm: Of `batch_norm`: `epsilon`, `momentum`, `scale`, `gate`.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), filters)` with `"half"`.
    """
    x = conv(
        x,
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        groups=groups,
        use_bias=use_bias,
        name=f"{prefix}_conv{suffix}",
    )
    x = batch_norm(x, name=f"{prefix}_bn{suffix}", **norm)
    return relu(x, name=f"{prefix}_relu{suffix}")
