"""The draws of the layers that drop at random."""

from typing import Any

import keras
from keras import ops


def uniform(seed: keras.random.SeedGenerator, inputs: Any, per: str, columns: int = 1) -> Any:
    """Draws in [0, 1), one row for each sample or one for all of them.

    Args:
        seed: Of the layer; it moves on.
        inputs: `(batch, ...)`; only the size of the batch is read.
        per: `"sample"` or `"batch"`.
        columns: Draws in a row.

    Returns:
        `(batch, columns)` or `(1, columns)`.
    """
    rows = ops.shape(inputs)[0] if per == "sample" else 1
    # half precision has too few values between 0 and 1
    return keras.random.uniform((rows, columns), dtype="float32", seed=seed)
