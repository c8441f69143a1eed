"""What follows the last feature maps: pooling and the classifier."""

from typing import Any

import keras
from keras import layers

MAIN = "predictions"  # the classifier of every net


def classifier(x: Any, classes: int, activation: Any) -> Any:
    """The last layer of a net: dense, named `predictions`, float32 under mixed precision.

    Args:
        x: `(batch, features)`.
        classes: Number of classes.
        activation: Any Keras activation, or `None` for logits.
    """
    return layers.Dense(classes, activation=activation, dtype=head_dtype(), name=MAIN)(x)


def pooled_head(x: Any, config: Any, classes: int, activation: Any) -> Any:
    """Mean over all positions, dropout where the net has it, the classifier.

    Args:
        x: `(batch, height, width, channels)`.
        config: Its field `dropout`, where there is one, is the rate.
        classes: Number of classes.
        activation: Any Keras activation, or `None` for logits.
    """
    x = layers.GlobalAveragePooling2D(dtype=head_dtype(), name="avg_pool")(x)
    if rate := getattr(config, "dropout", 0):
        x = layers.Dropout(rate, name="dropout")(x)
    return classifier(x, classes, activation)


def convolutional_head(x: Any, activation: Any) -> Any:
    """Mean over all positions of a map with a channel a class, then the activation.

    The head of nets that end in a convolution instead of a dense layer; `predictions` has no
    weights.

    Args:
        x: `(batch, height, width, classes)`.
        activation: Any Keras activation, or `None` for logits.
    """
    x = layers.GlobalAveragePooling2D(dtype=head_dtype(), name="avg_pool")(x)
    return layers.Activation(activation or "linear", dtype=head_dtype(), name=MAIN)(x)


def head_dtype() -> str | None:
    """`"float32"` where the policy computes in half precision, whose softmax is too coarse."""
    compute = keras.config.dtype_policy().compute_dtype
    return "float32" if compute in ("float16", "bfloat16") else None
