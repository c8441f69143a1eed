"""Damaged images: skipped, named, counted, and what is around them stays as it is."""

import dataclasses
import io
import itertools
from functools import partial

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

from keras_classic_cnns.data import Source, pipeline, storage, tolerance
from keras_classic_cnns.data.decoding import decode_image

FORM = {"image_size": (6, 6), "channels": 1, "preprocessing": "raw"}


def files(count, damaged=(), *, shape=(None, None, 1)):
    """A source of PNG files, all of one value, the number of the file."""
    contents = [
        tf.io.encode_png(np.full((8, 8, 1), number, np.uint8)).numpy() for number in range(count)
    ]
    for number in damaged:
        contents[number] = contents[number][:20]
    names = [f"{number}.png" for number in range(count)]
    encoded = tf.data.Dataset.from_tensor_slices((contents, np.arange(count), names))

    def decode(content):
        return tf.ensure_shape(tf.io.decode_png(content, channels=1), shape)

    dataset = encoded.map(lambda content, label, _: (decode(content), label))
    labels = tuple(map(str, range(count)))
    return Source("made", "train", dataset, count, labels, encoded=encoded, decode=decode)


def train(source, steps=None, **kwargs):
    arguments = {**FORM, "batch_size": 4, "seed": 0, **kwargs}
    batches = pipeline.train_batches(source, **arguments)
    assert batches.element_spec[0].shape == (arguments["batch_size"], 6, 6, 1)
    return [
        (images[:, 0, 0, 0].tolist(), labels.tolist())
        for images, labels in itertools.islice(batches.as_numpy_iterator(), steps)
    ]


def evaluate(source, **kwargs):
    batches = pipeline.eval_batches(source, **{**FORM, "batch_size": 4, **kwargs})
    return [
        (images[:, 0, 0, 0].tolist(), labels.tolist())
        for images, labels in batches.as_numpy_iterator()
    ]


@pytest.mark.parametrize("shape", [(None, None, 1), (8, 8, 1)], ids=["files", "cached"])
def test_a_neighbour_takes_the_place_and_all_else_stays(shape, caplog):
    whole, hurt = files(24, shape=shape), files(24, (3, 17), shape=shape)
    for (_, right), (pixels, labels) in zip(
        train(whole, epochs=3), train(hurt, epochs=3), strict=True
    ):
        assert pixels == labels  # every label still has its image
        for ours, theirs in zip(labels, right, strict=True):
            assert ours == theirs if theirs not in (3, 17) else ours not in (3, 17)
        if shape[0] is None:
            assert set(labels) <= set(right)  # of the same batch
    start, reason = "Skipped a damaged image of made, split train: ", " (Invalid PNG."
    named = [message.split(reason)[0] for message in caplog.messages]
    assert sorted(named) == [f"{start}17.png", f"{start}3.png"]  # once, not in every epoch


def test_a_resumed_run_gets_the_batches_of_an_undisturbed_one():
    source = files(26, (3, 17, 20))
    batches = train(source, 12)
    for skip in (1, 5, 8):
        assert train(source, 12 - skip, skip_steps=skip) == batches[skip:]


def jpegs(count, decode, **others):
    """A source of JPEG files, and of what else there is by number."""
    contents = [
        tf.io.encode_jpeg(np.full((9, 8, 3), 10 * number, np.uint8)).numpy()
        for number in range(count)
    ]
    for number, content in others.items():
        contents[int(number.removeprefix("n"))] = content
    names = [f"{number}.jpg" for number in range(count)]
    encoded = tf.data.Dataset.from_tensor_slices((contents, np.arange(count), names))
    dataset = encoded.map(lambda content, label, _: (decode(content), label))
    labels = tuple(map(str, range(count)))
    return Source("made", "train", dataset, count, labels, encoded=encoded, decode=decode)


def never(content):
    """Decodes nothing, and says so when it runs."""
    with tf.control_dependencies([tf.debugging.Assert(False, ["decoded"])]):
        return tf.ensure_shape(tf.io.decode_jpeg(content, channels=3), (None, None, 3))


def test_of_jpegs_none_is_asked_what_it_is():
    batches = train(jpegs(8, never), 2)
    assert sorted(label for _, labels in batches for label in labels) == list(range(8))
    assert sum(len(labels) for _, labels in evaluate(jpegs(8, never), batch_size=3)) == 8


@pytest.mark.parametrize("form", [train, evaluate])
def test_what_is_no_jpeg_among_jpegs_is_decoded_all_the_same(form, monkeypatch, caplog):
    bright = np.full((9, 8, 4), 200, np.uint8)
    cmyk = io.BytesIO()
    PIL.Image.fromarray(bright, "CMYK").save(cmyk, "JPEG")
    broken = tf.io.encode_jpeg(bright[..., :3]).numpy()[:200]
    png = tf.io.encode_png(bright[..., :3]).numpy()
    source = jpegs(16, partial(decode_image, channels=3), n3=cmyk.getvalue(), n7=broken, n9=png)
    steps = {"steps": 8} if form is train else {}
    ours = form(source, **steps)
    assert [message.split(": ")[1][:5] for message in caplog.messages] == ["7.jpg"]
    monkeypatch.setattr(pipeline, "_ways", lambda make, form: (make(**form), None))
    assert ours == form(source, **steps)
    seen = {label for _, labels in ours for label in labels}
    assert seen == set(range(16)) - {7}


@pytest.mark.parametrize("shape", [(None, None, 1), (8, 8, 1)], ids=["files", "cached"])
def test_evaluation_leaves_damaged_images_out(shape, caplog):
    source = files(13, (0, 5, 6), shape=shape)
    batches = evaluate(source)
    seen = [label for _, labels in batches for label in labels]
    assert seen == [1, 2, 3, 4, 7, 8, 9, 10, 11, 12]
    assert all(pixels == labels and labels for pixels, labels in batches)
    assert {message.split()[8] for message in caplog.messages} == {"0.png", "5.png", "6.png"}


def test_too_many_damaged_images_are_one_error_that_names_some():
    source = files(40, range(0, 24, 4))
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        train(source, 10)
    assert "6 of the " in str(caught.value)
    assert "images seen of made, split train are damaged: " in str(caught.value)
    ending = ", and 1 more. Remove or replace these files. At most 5 may be. Received: max_damaged"
    assert ".png (" in str(caught.value) and f"{ending}=0.01" in str(caught.value)
    assert len(train(source, 10, max_damaged=0.5)) == 10
    with pytest.raises(tf.errors.InvalidArgumentError, match="At most 0 may be. Received"):
        evaluate(files(8, [7]), max_damaged=0)


def test_a_batch_of_which_nothing_is_left_is_an_error():
    with pytest.raises(tf.errors.InvalidArgumentError, match="No image of a batch can be read."):
        train(files(4, range(4)))
    for shape in ((None, None, 1), (8, 8, 1)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="No image of a batch can be"):
            evaluate(files(9, [8], shape=shape))


@pytest.mark.parametrize("shape", [(None, None, 1), (8, 8, 1)], ids=["files", "cached"])
def test_one_by_one_a_damaged_image_is_left_out_too(shape):
    assert evaluate(files(4, (1, 3), shape=shape), batch_size=1) == [([0], [0]), ([2], [2])]
    # of the last, alone in its batch, the message does not name a limit that was kept
    with pytest.raises(tf.errors.InvalidArgumentError, match="another batch size.") as caught:
        evaluate(files(9, [8], shape=shape))
    assert "max_damaged" not in str(caught.value)


def test_examples_keep_their_order_and_more_than_may_be_damaged_end_it():
    source = files(30, (0, 7, 8, 29), shape=(None, None, 1))

    def look(source, limit):
        return tolerance.tolerant_examples(
            source.encoded.enumerate().map(storage.flat),
            lambda number, content, label, name: (source.decode(content), label),
            damage=storage.damage_of(source, limit),
        )

    seen = [(int(image[0, 0, 0]), int(label)) for image, label in look(source, 0.01)]
    assert seen == [(number, number) for number in range(30) if number not in (0, 7, 8, 29)]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"1.png .*At most 0 may be"):
        list(look(files(4, [1]), 0))


def test_images_count_once_and_what_a_run_skipped_does_not():
    damage = tolerance.Damage("made", 1000, 0.5, decode=tf.io.decode_png, first=100)
    names = [f"{number}".encode() for number in range(6)]
    assert damage.note(111, 6, names, [b"no"] * 6) == b""  # 6 of 12
    assert damage.note(111, 6, names, [b"no"] * 6) == b""
    reason = damage.note(111, 6, [b"7"], [b"no"]).decode()
    assert reason.startswith("7 of the 12 images seen of made are damaged: 0 (")


def test_what_decodes_but_cannot_be_prepared_is_told(caplog):
    source = dataclasses.replace(files(8), decode=lambda x: tf.zeros((0, 5, 1), tf.uint8))
    with pytest.raises(tf.errors.InvalidArgumentError, match="decoded, but not prepared"):
        train(source, 1)


def test_order_may_be_left_to_the_threads_but_not_what_is_drawn():
    contents = files(24)
    noise = np.random.RandomState(0).randint(0, 256, (24, 16, 16, 1)).astype(np.uint8)
    encoded = tf.data.Dataset.from_tensor_slices(
        ([tf.io.encode_png(image).numpy() for image in noise], np.arange(24), [""] * 24)
    )
    noisy = dataclasses.replace(contents, encoded=encoded)
    arguments = {**FORM, "image_size": (16, 16), "batch_size": 8, "seed": 1, "epochs": 2}

    def look(deterministic):
        batches = pipeline.train_batches(
            noisy, **arguments, augment=("flip", "pad_crop"), deterministic=deterministic
        )
        return sorted(
            (int(label), image.tobytes())
            for images, labels in batches.as_numpy_iterator()
            for image, label in zip(images, labels, strict=True)
        )

    assert len(set(look(True))) == 48
    assert look(True) == look(False)


@pytest.mark.parametrize("max_damaged", [-0.1, 1.5])
def test_the_share_is_one(max_damaged):
    with pytest.raises(ValueError, match=f"Received: max_damaged={max_damaged}"):
        train(files(8), max_damaged=max_damaged)
