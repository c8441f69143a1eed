"""What follows the last feature maps: pooling and the classifier."""

from collections.abc import Callable
from typing import Any

import keras
from keras import initializers, layers

MAIN = "predictions"  # the classifier of every net
DENSE_WIDTH = 4096  # of fc6 and fc7, in AlexNet and in all that kept its head


def classifier(
    x: Any, classes: int, activation: Any, *, kernel_initializer: Any = "glorot_uniform"
) -> Any:
    """The last layer of a net: dense, named `predictions`, float32 under mixed precision.

    Args:
        x: `(batch, features)`.
        classes: Number of classes.
        activation: Any Keras activation, or `None` for logits.
        kernel_initializer: Of the kernel.
    """
    return layers.Dense(
        classes,
        activation=activation,
        kernel_initializer=kernel_initializer,
        dtype=head_dtype(),
        name=MAIN,
    )(x)


def pooled_head(x: Any, config: Any, classes: int, activation: Any) -> Any:
    """Mean over all positions, then the classifier: the head of most nets.

    Args:
        x: `(batch, height, width, channels)`.
        config: Not used; heads of other families need it.
        classes: Number of classes.
        activation: Any Keras activation, or `None` for logits.
    """
    return classifier(_mean(x), classes, activation)


def dropout_head(x: Any, config: Any, classes: int, activation: Any) -> Any:
    """Mean over all positions, dropout, the classifier.

    Args:
        x: `(batch, height, width, channels)`.
        config: Its field `dropout` is the rate; there is no such layer where it is 0.
        classes: Number of classes.
        activation: Any Keras activation, or `None` for logits.
    """
    x = _mean(x)
    if config.dropout:
        x = layers.Dropout(config.dropout, name="dropout")(x)
    return classifier(x, classes, activation)


def dense_head(
    x: Any,
    config: Any,
    classes: int,
    activation: Any,
    *,
    kernel_initializer: Callable[[], Any],
    bias: float = 0.0,
    drops_inputs: bool = False,
) -> Any:
    """Two dense layers of 4,096 with ReLU, `fc6` and `fc7`, then the classifier: AlexNet's head.

    Args:
        x: `(batch, height, width, channels)`, of known height and width.
        config: Its field `dropout` is the rate of dropout at `fc6` and at `fc7`.
        classes: Number of classes.
        activation: Any Keras activation, or `None` for logits.
        kernel_initializer: Makes the initialiser of a kernel; called once for each of the three,
            since an initialiser gives the same values every time.
        bias: What the biases of `fc6` and `fc7` begin with.
        drops_inputs: Whether dropout comes before `fc6` and `fc7` instead of behind them.
    """

    def drop(x: Any, name: str) -> Any:
        return layers.Dropout(config.dropout, name=f"{name}_dropout")(x) if config.dropout else x

    x = layers.Flatten(name="flatten")(x)
    for name in ("fc6", "fc7"):
        x = drop(x, name) if drops_inputs else x
        x = layers.Dense(
            DENSE_WIDTH,
            activation="relu",
            kernel_initializer=kernel_initializer(),
            bias_initializer=initializers.Constant(bias),
            name=name,
        )(x)
        x = x if drops_inputs else drop(x, name)
    return classifier(x, classes, activation, kernel_initializer=kernel_initializer())


def convolutional_head(x: Any, activation: Any) -> Any:
    """Mean over all positions of a map with a channel a class, then the activation.

    The head of nets that end in a convolution instead of a dense layer; `predictions` has no
    weights.

    Args:
        x: `(batch, height, width, classes)`.
        activation: Any Keras activation, or `None` for logits.
    """
    return layers.Activation(activation or "linear", dtype=head_dtype(), name=MAIN)(_mean(x))


def _mean(x: Any) -> Any:
    return layers.GlobalAveragePooling2D(dtype=head_dtype(), name="avg_pool")(x)


def head_dtype() -> str | None:
    """`"float32"` where the policy computes in half precision, whose softmax is too coarse."""
    compute = keras.config.dtype_policy().compute_dtype
    return "float32" if compute in ("float16", "bfloat16") else None
