"""What is kept in memory, and what is read every epoch."""

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns import data
from keras_classic_cnns.data import Source, storage


def source(count, shape, *, as_files):
    contents = [tf.io.encode_png(np.full((8, 8, 1), n, np.uint8)).numpy() for n in range(count)]
    encoded = tf.data.Dataset.from_tensor_slices((contents, np.arange(count), contents))

    def decode(content):
        return tf.ensure_shape(tf.io.decode_png(content, channels=1), shape)

    dataset = encoded.map(lambda content, label, _: (decode(content), label))
    files = {"encoded": encoded, "decode": decode} if as_files else {}
    return Source("made", "train", dataset, count, tuple(map(str, range(count))), **files)


@pytest.mark.parametrize("as_files", [False, True])
@pytest.mark.parametrize("shape", [(None, None, 1), (8, 8, 1)])
def test_files_are_kept_as_files_unless_they_are_small(shape, as_files):
    made = source(3, shape, as_files=as_files)
    stored = storage.stored(made, max_damaged=0.01)
    is_small = shape[0] is not None
    assert storage.is_small(made) == is_small
    assert storage.has_files(made) == (as_files and not is_small)
    assert bool(storage.decoding(made)) == storage.has_files(made)
    first = next(iter(stored))
    assert len(first) == 2 + as_files
    assert (first[0].dtype == tf.string) == storage.has_files(made)
    if is_small and as_files:
        assert bool(first[2])


def test_large_arrays_are_shuffled_whole_and_kept_once(monkeypatch):
    """Else a buffer of few images would leave them nearly in the order of their classes."""
    monkeypatch.setattr(storage, "CACHE_BYTES", 100)
    monkeypatch.setattr(storage, "SHUFFLE_BUFFER", 2)
    arrays = data.from_arrays(np.zeros((40, 8, 8), np.uint8), np.arange(40))
    assert not storage.is_small(arrays)
    assert storage.stored(arrays, max_damaged=0.01) is arrays.dataset
    form = {"image_size": (8, 8), "channels": 1, "preprocessing": "raw"}
    batches = data.train_batches(arrays, **form, batch_size=10, seed=0)
    _, first = next(iter(batches))
    assert first.numpy().max() > 20
    _, first = next(
        iter(
            data.train_batches(source(40, (8, 8, 1), as_files=True), **form, batch_size=10, seed=0)
        )
    )
    assert first.numpy().max() < 20


def test_groups_of_a_small_set_are_of_one_size(monkeypatch):
    monkeypatch.setattr(storage, "GROUP", 8)
    sizes = []
    whole = storage.tolerant_batches

    def noted(examples, prepare, batch_size, **kwargs):
        sizes.append(batch_size)
        return whole(examples, prepare, batch_size, **kwargs)

    monkeypatch.setattr(storage, "tolerant_batches", noted)
    stored = storage.stored(source(9, (8, 8, 1), as_files=True), max_damaged=0.01)
    assert [int(label) for _, label, _ in stored] == list(range(9))
    assert sizes == [5]
