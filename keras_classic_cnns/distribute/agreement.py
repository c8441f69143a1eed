"""What workers tell each other beside their gradients: a few numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf


def exchange(numbers: Sequence[int], placement: Any) -> list[tuple[int, ...]]:
    """Tells all workers some whole numbers, and returns what each has told.

    Every worker must call it, at the same place of its work, with as many numbers; it waits for
    them. It is made of the sum over replicas that gradients take, which every network knows.

    Args:
        numbers: Those of this worker, each below 2**53 / replicas.
        placement: What `strategy` returned.

    Returns:
        The numbers of every worker, that of the chief first; with one worker only its own.

    Example:
        >>> from keras_classic_cnns.distribute import strategy
        >>> exchange([7, 8], strategy("cpu"))
        [(7, 8)]
    """
    if placement.workers == 1:
        return [tuple(numbers)]
    table = np.zeros((placement.workers, len(numbers)))
    table[placement.worker] = numbers
    strategy = placement.strategy
    mine = strategy.experimental_distribute_values_from_function(lambda _: tf.constant(table))
    total = strategy.reduce(tf.distribute.ReduceOp.SUM, mine, axis=None)
    share = placement.num_replicas_in_sync // placement.workers  # every device has told the same
    return [tuple(int(number) // share for number in row) for row in np.asarray(total)]
