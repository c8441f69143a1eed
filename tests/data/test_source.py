"""The record between sets and pipelines."""

import dataclasses

import pytest
import tensorflow as tf

from keras_classic_cnns.data import Source


def test_a_source_made_by_hand():
    pairs = tf.data.Dataset.from_tensor_slices((tf.zeros((6, 8, 8, 1), "uint8"), [0, 1] * 3))
    source = Source("mine", "train", pairs, num_examples=6, labels=("cat", "dog"))
    assert source.mirror and source.encoded is None and source.decode is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        source.name = "other"
    # a thousand class names would bury the rest
    assert repr(source) == "Source(name='mine', split='train', num_examples=6, mirror=True)"
