"""What is kept in memory, and what is read every epoch."""

import numpy as np
import pytest
import tensorflow as tf

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
