"""The record that the sets hand to the pipelines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import tensorflow as tf

_T = TypeVar("_T")


@dataclass(frozen=True)
class Source:
    """Labelled images: what a pipeline is built from.

    Args:
        name: The name it was asked for, such as `"cifar10"`.
        split: The split it was asked for, such as `"train[:90%]"`.
        dataset: A `tf.data.Dataset` of `(image, label)`: uint8 `(height, width, channels)` in
            0..255, and an integer in `[0, classes)`. Always in the same order.
        num_examples: How many examples there are, at least 1.
        labels: The name of every class.
        mirror: Whether a mirrored image still shows its class; false for digits and letters.
        encoded: The same examples in the same order as `(bytes, label, name)`, where the set
            stores files: the bytes of the image file, cheap to shuffle and to skip, and a string
            that says which file or record it is.
        decode: Turns one image of `encoded` into one of `dataset`. JPEGs are decoded in part
            without it, so it must not do more to them than decode.
        in_memory: Whether `dataset` costs nothing to read, its images being in memory.

    Example:
        >>> images = tf.zeros((6, 8, 8, 1), "uint8")
        >>> pairs = tf.data.Dataset.from_tensor_slices((images, [0, 1, 0, 1, 0, 1]))
        >>> Source("mine", "train", pairs, num_examples=6, labels=("cat", "dog"))
        Source(name='mine', split='train', num_examples=6, mirror=True)
    """

    name: str
    split: str
    dataset: tf.data.Dataset = field(repr=False)
    num_examples: int
    labels: tuple[str, ...] = field(repr=False)
    mirror: bool = True
    encoded: tf.data.Dataset | None = field(default=None, repr=False)
    decode: Callable[[tf.Tensor], tf.Tensor] | None = field(default=None, repr=False)
    in_memory: bool = field(default=False, repr=False)


def shuffled(things: Sequence[_T], seed: int) -> list[_T]:
    """The same things in an order drawn from a seed, such as the files of a set.

    Args:
        things: Those.
        seed: In `[0, 2**32)`.

    Example:
        >>> shuffled(["a", "b", "c", "d"], seed=0)
        ['c', 'd', 'b', 'a']
    """
    return [things[place] for place in np.random.RandomState(seed).permutation(len(things))]
