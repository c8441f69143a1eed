"""TFRecord files of `tf.train.Example`, and the errors of those that cannot be read."""

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.data import from_tfrecords

CLASSES = ("cat", "dog")


def example(image, label, image_key="image/encoded", label_key="image/class/label"):
    features = {
        image_key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
        label_key: tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def image(shade):
    return tf.io.encode_png(np.full((4, 5, 1), shade, np.uint8)).numpy()


def write(path, *records):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return str(path)


@pytest.fixture
def files(tmp_path):
    """Two files of three examples, whose classes are numbered from 1."""
    for part in (1, 0):
        records = [example(image(10 * part + i), 1 + i % 2) for i in range(3)]
        write(tmp_path / f"train-{part}-of-2", *records)
    return str(tmp_path / "train-*-of-2")


def test_reads_all_files_in_order(files, tmp_path):
    source = from_tfrecords(files, CLASSES, label_offset=1, name="pets", mirror=False)
    assert (source.name, source.split, source.num_examples) == ("pets", "train", 6)
    assert source.labels == CLASSES and not source.mirror
    examples = list(source.dataset.as_numpy_iterator())
    assert [int(pixels[0, 0, 0]) for pixels, _ in examples] == [0, 1, 2, 10, 11, 12]
    assert [int(label) for _, label in examples] == [0, 1, 0] * 2
    assert examples[0][0].shape == (4, 5, 3) and examples[0][0].dtype == np.uint8
    *_, (content, label, name) = source.encoded.as_numpy_iterator()
    assert (content, label, name) == (image(12), 0, f"{tmp_path}/train-1-of-2#2".encode())
    listed = from_tfrecords([tmp_path / "train-0-of-2"], CLASSES, label_offset=1, channels=1)
    assert listed.num_examples == 3
    assert listed.dataset.element_spec[0].shape.as_list() == [None, None, 1]


def test_files_are_read_side_by_side_and_in_an_order_of_the_seed(tmp_path):
    for part in range(3):
        write(tmp_path / f"{part}", *(example(image(20 * part + i), 0) for i in range(20)))

    def shades(source):
        return [int(pixels[0, 0, 0]) for pixels, _ in source.dataset.as_numpy_iterator()]

    in_turn = [20 * part + i for part in range(3) for i in range(16)]
    left = [20 * part + i for part in range(3) for i in range(16, 20)]
    (tmp_path / ".part-3").write_text("half a download")
    files = tmp_path / "*"
    assert shades(from_tfrecords(files, CLASSES)) == in_turn + left
    sources = [from_tfrecords(files, CLASSES, seed=seed) for seed in (0, 1, 2)]
    orders = [shades(source) for source in sources]
    assert orders == [shades(source) for source in sources]  # as they were in the epoch before
    assert len({order[0] for order in orders}) > 1
    assert all(sorted(order) == list(range(60)) for order in orders)
    with pytest.raises(ValueError, match="`seed` must be at least 0. Received: seed=-1"):
        from_tfrecords(files, CLASSES, seed=-1)


def test_other_keys(tmp_path):
    path = write(tmp_path / "mine", example(image(7), 0, "png", "species"))
    source = from_tfrecords(path, CLASSES, image_key="png", label_key="species")
    ((pixels, label),) = source.dataset
    assert label == 0 and (pixels.numpy() == 7).all()
    with pytest.raises(
        ValueError, match=r"have png \(bytes_list\), species .*image_key='image/enc"
    ):
        from_tfrecords(path, CLASSES)
    with pytest.raises(ValueError, match=r"that is a int64_list; .*Received: label_key='png'$"):
        from_tfrecords(path, CLASSES, image_key="png", label_key="png")


def test_a_stated_number_is_held_to(files):
    source = from_tfrecords(files, CLASSES, label_offset=1, num_examples=6)
    assert source.num_examples == len(list(source.encoded)) == 6
    for wrong in (5, 7):
        source = from_tfrecords(files, CLASSES, label_offset=1, num_examples=wrong)
        with pytest.raises(tf.errors.FailedPreconditionError, match=f"to contain {wrong} elem"):
            list(source.encoded)


def test_labels_outside_of_the_classes(files, tmp_path):
    with pytest.raises(ValueError, match=r"first label is 1, and 2 classes .* 5 to 6. .*offset=5$"):
        from_tfrecords(files, CLASSES, label_offset=5)
    source = from_tfrecords(files, CLASSES)
    message = "none of the 2 classes, 0 to 1. Example:.*train-0-of-2#1.*Received: label=.*2"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        list(source.encoded)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(MissingDataError, match=r"no such file, nor .*Received: files='none-\*'$"):
        from_tfrecords("none-*", CLASSES)
    with pytest.raises(MissingDataError, match=r"no such file, nor .*Received: files='no/a-\*'$"):
        from_tfrecords("no/a-*", CLASSES)
    with pytest.raises(ValueError, match=r"Give one file at least. Received: files=\[\]$"):
        from_tfrecords([], CLASSES)
    with pytest.raises(ValueError, match="The files hold no examples. Received: files="):
        from_tfrecords(write(tmp_path / "empty"), CLASSES)
    (tmp_path / "text").write_text("no records, but long enough for a header")
    with pytest.raises(ValueError, match="are no TFRecords of .*Received: files='.*text'$"):
        from_tfrecords(tmp_path / "text", CLASSES)
    with pytest.raises(ValueError, match="are no TFRecords of .*Received: files='.*other'$"):
        from_tfrecords(write(tmp_path / "other", b"\xff\xff"), CLASSES)
    with pytest.raises(ValueError, match="`labels` must be a sequence of the names.*labels=2$"):
        from_tfrecords(write(tmp_path / "one", example(image(0), 0)), 2)
