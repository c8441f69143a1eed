"""What the layers that are made of Keras's convolutions share."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from keras_classic_cnns.core import validate


def channels_of(input_shape: Sequence[int | None]) -> int:
    """The channels of a map, which a layer must know to make its weights.

    Args:
        input_shape: `(batch, height, width, channels)`.

    Raises:
        ValueError: It is no such shape, or the channels are `None`.
    """
    if len(input_shape) != 4 or input_shape[-1] is None:
        raise ValueError(
            "`inputs` must be of shape (batch, height, width, channels), and the channels known. "
            f"{validate.received('inputs.shape', tuple(input_shape))}"
        )
    return input_shape[-1]


def fresh(initializer: Any) -> Callable[..., Any]:
    """An initializer for one more weight: one of Keras draws the same values each time.

    Args:
        initializer: Of Keras, or any function of shape and dtype, which is given back.
    """
    return getattr(initializer, "clone", lambda: initializer)()


def convolution_macs(convolutions: Iterable[Any], output_shape: Sequence[int]) -> int:
    """Multiply-accumulates of convolutions that all keep the size of the map.

    Args:
        convolutions: Built layers.
        output_shape: `(batch, height, width, channels)`.
    """
    kernels = sum(math.prod(layer.kernel.shape) for layer in convolutions)
    return kernels * math.prod(output_shape[1:3])
