"""What of a source is kept in memory, and what is read, and decoded, in every epoch."""

import math
from typing import Any

import tensorflow as tf

from keras_classic_cnns.data.source import Source
from keras_classic_cnns.data.tolerance import Damage, tolerant_batches

# Decoded images are kept in memory where all have one size and together take no more than this:
# the training images of MNIST (47 MB), CIFAR (154 MB) and SVHN (225 MB) do.
CACHE_BYTES = 256 * 2**20
# Other sets are read from disk every epoch, and shuffled through a buffer of this many examples,
# as encoded files where there are files: the buffer holds their bytes, so that 8,192 files of
# 110 kB take 0.9 GB, and a run that goes on reads the files of its epoch that it skips. Arrays in
# memory are not read, and so shuffled whole.
SHUFFLE_BUFFER = 8192
# Files of a small set are decoded, once, in groups of about this many.
GROUP = 256


def is_small(source: Source) -> bool:
    """Whether the decoded images are kept in memory."""
    shape = source.dataset.element_spec[0].shape
    if not shape.is_fully_defined():
        return False
    return source.num_examples * math.prod(shape.as_list()) <= CACHE_BYTES


def shuffle_buffer(source: Source) -> int:
    """How many examples the next one is drawn from: all of what is in memory."""
    return source.num_examples if is_small(source) or source.in_memory else SHUFFLE_BUFFER


def has_files(source: Source) -> bool:
    """Whether what is stored are files, to be decoded every epoch."""
    return source.encoded is not None and not is_small(source) and not source.in_memory


def damage_of(source: Source, max_damaged: float, **kwargs: Any) -> Damage:
    """A record of the damaged images of a source."""
    what = f"{source.name}, split {source.split}"
    return Damage(what, source.num_examples, max_damaged, decode=source.decode, **kwargs)


def decoding(source: Source) -> dict[str, Any]:
    """How the images that come out of `stored` are decoded, for `augment.compose`."""
    if not has_files(source):
        return {}
    return {"decode": source.decode, "decoded_channels": source.dataset.element_spec[0].shape[-1]}


def stored(source: Source, max_damaged: float) -> tf.data.Dataset:
    """What is kept in memory or read every epoch.

    Elements are `(image, label)`; files come as `(bytes, label, name)`, and from memory, where
    they were decoded, as `(image, label, ok)`.
    """
    if source.in_memory:
        return source.dataset
    if not is_small(source):
        return source.dataset if source.encoded is None else source.encoded
    examples = source.dataset
    if source.encoded is not None:
        examples = _decoded(source, max_damaged)
    # a reader that is dropped early may leave a cache of fewer examples behind, without an
    # error; the stated number makes TensorFlow refuse to keep such a one
    return examples.apply(tf.data.experimental.assert_cardinality(source.num_examples)).cache()


def _decoded(source: Source, max_damaged: float) -> tf.data.Dataset:
    """`(image, label, ok)` of every example; another takes the place of one that is not ok."""
    shape = source.dataset.element_spec[0].shape

    def decode(number: tf.Tensor, content: tf.Tensor, label: tf.Tensor, name: tf.Tensor) -> tuple:
        return tf.ensure_shape(source.decode(content), shape), label

    groups = math.ceil(source.num_examples / GROUP)
    batches = tolerant_batches(
        source.encoded.enumerate().map(flat),
        decode,
        math.ceil(source.num_examples / groups),  # of one size, so that the last is not tiny
        damage=damage_of(source, max_damaged),
    )
    return batches.map(lambda rows, ok: (*rows, ok)).unbatch()


def flat(number: tf.Tensor, example: tuple) -> tuple:
    """What `enumerate` gives, as one tuple."""
    return (number, *example)
