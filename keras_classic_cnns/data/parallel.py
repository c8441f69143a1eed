"""How pipelines use several processors; with `pipeline`, the only place that says AUTOTUNE."""

from collections.abc import Callable

import tensorflow as tf


def parallel_map(
    dataset: tf.data.Dataset, function: Callable, *, deterministic: bool = True
) -> tf.data.Dataset:
    """Maps in parallel; in order, unless `deterministic` is false."""
    return dataset.map(function, num_parallel_calls=tf.data.AUTOTUNE, deterministic=deterministic)


def parallel_flat_map(
    dataset: tf.data.Dataset, function: Callable, *, deterministic: bool = True
) -> tf.data.Dataset:
    """Puts the datasets, of one element at most, that a function gives behind one another."""
    return dataset.interleave(
        function, num_parallel_calls=tf.data.AUTOTUNE, deterministic=deterministic
    )
