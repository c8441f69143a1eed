"""Dense blocks and the transitions between them, shared by DenseNet's forms."""

import math
from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_classic_cnns.blocks.conv import batch_norm, conv, he_normal, relu
from keras_classic_cnns.core.options import rate, switch
from keras_classic_cnns.layers import DenseBlock


def dropout_option() -> Any:
    """A `Config` field: how much every convolution but the first one loses in training."""
    return rate(
        0.0,
        "Share of values that each convolution but the first one loses in training, in [0, 1); "
        "0.2 where images are not augmented (paper).",
    )


def memory_efficient_option() -> Any:
    """A `Config` field: whether training recomputes what is cheap to compute."""
    return switch(
        False,
        "Whether training computes concatenations, normalisations and activations of the dense "
        "blocks once more in the backward pass, instead of keeping them: less memory, more time, "
        "same weights and results.",
    )


def transition(x: Any, filters: int, *, dropout: float = 0.0, name: str) -> Any:
    """What lies between two blocks: avgpool(conv1x1(relu(bn(x)))), at half the size.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output.
        dropout: Share of values that the convolution loses in training, in [0, 1).
        name: What the layers' names begin with.

    Returns:
        `(batch, height // 2, width // 2, filters)`.
    """
    x = batch_norm(x, name=f"{name}_bn")
    x = relu(x, name=f"{name}_relu")
    x = conv(x, filters, 1, name=f"{name}_conv")
    if dropout:
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return layers.AveragePooling2D(2, name=f"{name}_pool")(x)


def dense_stack(
    x: Any,
    depths: Sequence[int],
    growth_rate: int,
    *,
    bottleneck: bool = True,
    compression: float = 0.5,
    dropout: float = 0.0,
    memory_efficient: bool = False,
) -> Any:
    """Dense blocks with transitions between them, then the last normalisation and activation.

    Layers are named `stage<i>_...`: a stage is what lies at one resolution, from the transition's
    end of the one before to its own dense block, `stage<i>_block`.

    Args:
        x: `(batch, height, width, channels)`.
        depths: Layers of each block.
        growth_rate: Filters that a layer adds (k).
        bottleneck: Whether a 1x1 convolution comes before each 3x3 one (DenseNet-B).
        compression: What a transition leaves of the channels (theta), in (0, 1] (DenseNet-C).
        dropout: Share of values that each convolution loses in training, in [0, 1).
        memory_efficient: See `layers.DenseBlock`.

    Returns:
        The output of the last stage.
    """
    for stage, depth in enumerate(depths, start=1):
        if stage > 1:
            filters = math.floor(compression * x.shape[-1])
            x = transition(x, filters, dropout=dropout, name=f"stage{stage}_transition")
        x = DenseBlock(
            depth,
            growth_rate,
            bottleneck,
            dropout,
            memory_efficient,
            kernel_initializer=he_normal(),
            name=f"stage{stage}_block",
        )(x)
    x = batch_norm(x, name=f"stage{stage}_bn")
    return relu(x, name=f"stage{stage}_relu")
