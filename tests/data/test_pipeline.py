"""Batches: what is in them, in which order, and that a stopped run goes on with the same ones."""

import dataclasses
import itertools

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from keras_classic_cnns import preprocessing
from keras_classic_cnns.data import Source, datasets, pipeline, storage
from keras_classic_cnns.data.central_crop import central_crop

RAW = {"image_size": (4, 4), "channels": 1, "preprocessing": "raw"}


def train(source, steps=None, **kwargs):
    """The first batches as NumPy arrays."""
    arguments = {**RAW, "batch_size": 4, "seed": 0, **kwargs}
    batches = pipeline.train_batches(source, **arguments).as_numpy_iterator()
    return list(itertools.islice(batches, steps))


def assert_same(ours, theirs):
    for (images, labels), (other_images, other_labels) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(images, other_images)
        np.testing.assert_array_equal(labels, other_labels)


def labels_of(batches):
    return [int(label) for _, labels in batches for label in labels]


@pytest.fixture
def counted(numbered):
    """A source of files, and the list of the numbers that were decoded."""
    decoded = []

    def note(number):
        decoded.append(int(number))
        return np.full((4, 4, 1), number, np.uint8)

    def decode(content):
        number = tf.strings.to_number(content, tf.int64)
        image = tf.numpy_function(note, [number], tf.uint8)
        image.set_shape((None, None, 1))
        return image

    encoded = tf.data.Dataset.range(8).map(lambda i: (tf.strings.as_string(i), i, "file"))
    dataset = encoded.map(lambda content, label, _: (decode(content), label))
    source = dataclasses.replace(numbered(8), dataset=dataset, encoded=encoded, decode=decode)
    return source, decoded


def test_every_epoch_holds_every_example_once(numbered):
    batches = train(numbered(12), steps=9)
    epochs = [labels_of(batches[first : first + 3]) for first in (0, 3, 6)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(12))] * 3
    assert len({tuple(order) for order in [*epochs, range(12)]}) == 4
    for images, labels in batches:  # each label still has its image
        np.testing.assert_array_equal(images[:, 0, 0, 0], labels)


def test_examples_that_fill_no_batch_change_from_epoch_to_epoch(numbered):
    source = numbered(11)
    assert pipeline.steps_per_epoch(source, 4) == 2
    batches = train(source, steps=20)
    left_out = []
    for first in range(0, 20, 2):
        seen = labels_of(batches[first : first + 2])
        assert len(set(seen)) == 8
        left_out.append(frozenset(range(11)) - set(seen))
    assert len(set(left_out)) > 5


def test_epochs_end_the_stream(numbered):
    assert len(train(numbered(11), epochs=3)) == 6
    assert len(train(numbered(11), epochs=3, skip_steps=5)) == 1


def test_same_seed_same_batches_whatever_the_global_seed(digits):
    kwargs = {"image_size": (12, 12), "augment": ("pad_crop",), "batch_size": 32, "steps": 3}
    first = train(digits, seed=5, **kwargs)
    tf.random.set_seed(1234)
    assert_same(first, train(digits, seed=5, **kwargs))
    other = train(digits, seed=6, **kwargs)
    assert labels_of(first) != labels_of(other)


def test_the_seed_draws_the_augmentation_too(numbered):
    bright = tf.data.Dataset.from_tensors((tf.fill((16, 16, 1), tf.constant(9, tf.uint8)), 0))
    source = dataclasses.replace(numbered(1), dataset=bright)
    kwargs = {"image_size": (16, 16), "batch_size": 1, "augment": ("pad_crop",), "steps": 4}
    crops = [[image.tobytes() for image, _ in train(source, seed=s, **kwargs)] for s in (0, 1)]
    assert crops[0] != crops[1]
    assert len(set(crops[0])) > 1  # nor is it the same in every epoch


@hypothesis.given(skip=st.integers(0, 11), size=st.integers(5, 9), batch=st.integers(1, 5))
@hypothesis.settings(max_examples=12, deadline=None)
def test_resumed_run_gets_the_batches_of_an_undisturbed_one(skip, size, batch):
    # a different value in every pixel, so that a different crop is a different image
    images = np.arange(size * 64, dtype=np.uint16).astype(np.uint8).reshape(size, 8, 8, 1)
    pairs = tf.data.Dataset.from_tensor_slices((images, np.arange(size)))
    source = Source("made", "train", pairs, size, tuple(map(str, range(size))))
    kwargs = {"image_size": (8, 8), "augment": ("pad_crop", "flip"), "batch_size": batch}
    whole = train(source, steps=12, **kwargs)
    assert_same(whole[skip:], train(source, steps=12 - skip, skip_steps=skip, **kwargs))


def test_skipped_steps_are_not_decoded(counted):
    source, decoded = counted
    (images, labels), last = train(source, batch_size=2, epochs=2, skip_steps=6)
    assert sorted(decoded) == sorted([*labels, *last[1]])
    np.testing.assert_array_equal(images[:, 0, 0, 0], labels)


def test_small_sets_are_decoded_once_and_large_ones_every_epoch(counted, monkeypatch):
    files, decoded = counted
    shaped = files.dataset.map(lambda image, label: (tf.ensure_shape(image, (4, 4, 1)), label))
    source = dataclasses.replace(files, dataset=shaped)
    train(source, epochs=3)
    assert len(decoded) == 8
    monkeypatch.setattr(storage, "CACHE_BYTES", 8 * 16 - 1)
    decoded.clear()
    batches = train(source, epochs=3)
    assert len(decoded) == 24
    assert sorted(labels_of(batches[:2])) == list(range(8))


def test_sets_read_from_disk_are_shuffled_in_full_where_the_buffer_suffices(flowers_dir):
    source = datasets.load("my_flowers", "train", data_dir=flowers_dir)
    kwargs = {"channels": 3, "preprocessing": "raw", "steps": 6}
    batches = train(source, **kwargs)
    values = [np.round(images.mean(axis=(1, 2, 3)) / 10) for images, _ in batches]
    epochs = [np.concatenate(values[first : first + 3]).tolist() for first in (0, 3)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(4, 16))] * 2
    stored = [round(float(image.mean()) / 10) for image, _ in source.dataset.as_numpy_iterator()]
    assert len({tuple(order) for order in [*epochs, stored]}) == 3
    assert_same(batches, train(source, **kwargs))
    assert_same(batches[4:], train(source, **{**kwargs, "steps": 2}, skip_steps=4))


def test_batches_have_static_shapes_and_the_mode_of_the_model(digits):
    dataset = pipeline.train_batches(
        digits, image_size=(32, 24), channels=3, preprocessing="torch", batch_size=16, seed=0
    )
    images, labels = dataset.element_spec
    assert images.shape == (16, 32, 24, 3) and images.dtype == tf.float32
    assert labels.shape == (16,) and labels.dtype.is_integer
    ours, _ = next(iter(dataset))
    mode = preprocessing.MODES["torch"]
    back = ours * mode.std + mode.mean
    assert tf.reduce_max(tf.abs(back - tf.round(back))) < 1e-3  # whole pixel values, scaled
    assert float(tf.reduce_max(back)) == pytest.approx(255, abs=1e-3)


def test_batches_take_a_record_as_they_take_the_name_of_a_mode(digits):
    record = preprocessing.Preprocessing("mine", (1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    size = {"image_size": (8, 8), "channels": 3}
    for batches in (pipeline.train_batches, pipeline.eval_batches):
        seed = {"seed": 0} if batches is pipeline.train_batches else {}
        raw, ours = (
            next(iter(batches(digits, **size, **seed, preprocessing=mode, batch_size=4)))[0]
            for mode in ("raw", record)
        )
        np.testing.assert_allclose(ours, record(raw), atol=1e-5)
    image = np.full((8, 8, 1), 90, np.uint8)
    ready = pipeline.prepare_image(image, **size, preprocessing=record)
    np.testing.assert_allclose(ready[0, 0], [22.25, 17.6, 14.5], atol=1e-5)


def test_without_a_mode_images_stay_bytes(digits):
    for batches, more in ((pipeline.train_batches, {"seed": 0}), (pipeline.eval_batches, {})):
        form = {"image_size": (8, 8), "channels": 3, "batch_size": 4, **more}
        raw, ours = (
            next(iter(batches(digits, **form, preprocessing=mode)))[0] for mode in ("raw", None)
        )
        assert ours.dtype == tf.uint8
        np.testing.assert_array_equal(ours, raw)
    with pytest.raises(ValueError, match="Received: preprocessing=None$"):
        pipeline.prepare_image(
            np.zeros((8, 8, 1), np.uint8), image_size=(8, 8), channels=1, preprocessing=None
        )


def test_evaluation_is_in_order_complete_and_unaugmented(digits_dir):
    source = datasets.load("digits", "test[:10]", data_dir=digits_dir)
    kwargs = {"image_size": (28, 28), "channels": 1, "preprocessing": "lenet"}
    batches = pipeline.eval_batches(source, batch_size=4, **kwargs)
    assert int(batches.cardinality()) == 3  # Keras warns where it does not know
    batches = list(batches)
    assert [len(labels) for _, labels in batches] == [4, 4, 2]
    expected = [(pipeline.prepare_image(x, **kwargs), y) for x, y in source.dataset]
    images, labels = (tf.concat(parts, axis=0) for parts in zip(*batches, strict=True))
    np.testing.assert_array_equal(labels, [label for _, label in expected])
    np.testing.assert_allclose(images, [image for image, _ in expected], atol=1e-6)


def test_evaluation_takes_images_of_many_sizes(flowers_dir):
    source = datasets.load("my_flowers", "train", data_dir=flowers_dir)
    (images, labels), *rest = pipeline.eval_batches(
        source, image_size=(8, 8), channels=3, preprocessing="raw", batch_size=12
    )
    assert images.shape == (12, 8, 8, 3) and not rest
    assert labels.numpy().tolist() == [int(label) for _, label in source.dataset]


def test_evaluation_shows_the_centre_that_papers_report(flowers_dir):
    source = datasets.load("my_flowers", "train", data_dir=flowers_dir)
    arguments = {"image_size": (8, 8), "channels": 3, "preprocessing": "raw", "batch_size": 12}
    (images, _), *rest = pipeline.eval_batches(source, crop_fraction=0.8, **arguments)
    assert images.shape == (12, 8, 8, 3) and not rest
    for ours, (image, _) in zip(images, source.dataset, strict=True):
        right = central_crop(image, size=8, resize=10, interpolation="bilinear")
        np.testing.assert_allclose(ours, right, atol=1)
    with pytest.raises(ValueError, match="at least 0.1. Received: crop_fraction=0"):
        pipeline.eval_batches(source, crop_fraction=0, **arguments)


def test_flip_is_left_out_where_a_mirrored_image_is_another_class(numbered, caplog):
    image = tf.tile(tf.constant([[[0], [1], [2], [3]]], tf.uint8), (4, 1, 1))
    pairs = tf.data.Dataset.from_tensors((image, tf.constant(0))).repeat(64)
    source = dataclasses.replace(numbered(64), dataset=pairs, mirror=False)
    with caplog.at_level("INFO"):
        ((images, _),) = train(source, 1, batch_size=64, augment=("flip",))
    assert (images == image.numpy()).all()
    assert "flip is left out: a mirrored image of numbered shows another class" in caplog.text
    ((images, _),) = train(
        dataclasses.replace(source, mirror=True), 1, batch_size=64, augment=("flip",)
    )
    assert 0 < (images == image.numpy()).all(axis=(1, 2, 3)).sum() < 64


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"batch_size": 9}, ValueError, "larger than the 8 examples of numbered, split train. Rec"),
        ({"batch_size": 0}, ValueError, "`batch_size` must be at least 1. Received: batch_size=0"),
        ({"batch_size": 2.0}, TypeError, "Received: batch_size=2.0"),
        ({"seed": -1}, ValueError, "Received: seed=-1"),
        ({"seed": None}, TypeError, "Received: seed=None"),
        ({"skip_steps": -1}, ValueError, "Received: skip_steps=-1"),
        ({"epochs": 0}, ValueError, "Received: epochs=0"),
        ({"image_size": 32}, ValueError, "a pair, height and width. Received: image_size=32"),
        ({"image_size": (32, 0)}, ValueError, "`image_size` must be at least 1. Received: image_s"),
        ({"channels": 4}, ValueError, "`channels` must be one of 1, 3. Received: channels=4"),
        ({"preprocessing": "keras"}, ValueError, "one of 'caffe'.*Received: preprocessing='keras'"),
        (
            {"augment": ("flop",)},
            ValueError,
            r"may name 'aug_mix', .*Did you mean 'flip'\? Received: augment=\('flop',\)$",
        ),
        ({"deterministic": 1}, TypeError, "must be True or False. Received: deterministic=1"),
        ({"augment": "flip"}, TypeError, "a sequence of names.*Received: augment='flip'$"),
        ({"augment": ("rand_augment",)}, ValueError, "3 channels. Received: channels=1$"),
    ],
)
def test_wrong_arguments(arguments, error, message, numbered):
    with pytest.raises(error, match=message):
        train(numbered(8), 1, **arguments)


def test_fewer_examples_than_stated_are_an_error_and_not_a_short_epoch(numbered):
    short = dataclasses.replace(numbered(8), num_examples=12)
    batches = pipeline.eval_batches(short, batch_size=4, **RAW)
    with pytest.raises(tf.errors.FailedPreconditionError, match="12"):
        labels_of(batches.as_numpy_iterator())
