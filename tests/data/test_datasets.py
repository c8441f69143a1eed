"""Sets by name: reading any image classification set, and the errors of those it cannot read."""

import socket
import time

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.data import datasets, storage, train_batches
from keras_classic_cnns.data.digits import Digits


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    "name, classes, channels, mirror",
    [
        ("mnist", 10, 1, False),
        ("cifar10", 10, 3, True),
        ("cifar100", 100, 3, True),  # two ClassLabels; the supervised one counts
        ("imagenet2012", 1000, 3, True),
        ("imagenette/320px-v2", 10, 3, True),
        ("svhn_cropped", 10, 3, False),
        ("tf_flowers", 5, 3, True),
    ],
)
def test_reads_the_sets_of_tfds(name, classes, channels, mirror):
    with tfds.testing.mock_data(num_examples=3):
        source = datasets.load(name, "train")
        examples = list(source.dataset.as_numpy_iterator())
    assert (source.num_examples, len(source.labels), source.mirror) == (3, classes, mirror)
    for image, label in examples:
        assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[-1] == channels
        assert 0 <= label < classes


def test_finds_the_keys_whatever_they_are_called(flowers_dir):
    source = datasets.load("my_flowers", "train", data_dir=flowers_dir)
    examples = list(source.dataset.as_numpy_iterator())
    assert source.labels == ("daisy", "rose", "tulip")
    assert source.num_examples == len(examples) == 12
    for image, label in examples:
        index = image.shape[0] - 20
        assert image.shape == (20 + index, 40 - index, 3) and label == index % 3
        assert abs(int(image[0, 0, 0]) - (40 + 10 * index)) <= 2  # JPEG rounds


def test_encoded_images_decode_to_the_dataset(flowers_dir):
    source = datasets.load("my_flowers", "train", data_dir=flowers_dir)
    examples = zip(source.encoded, source.dataset, strict=True)
    for index, ((content, _, name), (image, _)) in enumerate(examples):
        assert content.dtype == tf.string and name.shape == ()
        assert name == f"my_flowers-train.tfrecord-00000-of-00001__{index}"
        np.testing.assert_array_equal(source.decode(content), image)


@pytest.mark.parametrize(
    "split, count", [("test[:10%]", 36), ("train[100:]", 1337), ("train+test", 1797)]
)
def test_takes_the_split_syntax_of_tfds(digits_dir, split, count):
    source = datasets.load("digits", split, data_dir=digits_dir)
    assert source.num_examples == len(list(source.dataset)) == count


def test_split_names(digits_dir, flowers_dir, tmp_path, no_network):
    assert datasets.split_names("digits", data_dir=digits_dir) == ("test", "train")
    assert datasets.split_names("my_flowers", data_dir=flowers_dir) == ("train",)
    with pytest.raises(MissingDataError, match="'cifar10' is not on this disk.*(.|\n)*'cifar10'$"):
        datasets.split_names("cifar10", data_dir=tmp_path)
    with pytest.raises(ValueError, match="no set of this name.*Received: name='cifra10'"):
        datasets.split_names("cifra10", data_dir=tmp_path)
    with pytest.raises(TypeError, match="`name` must be a string. Received: name=3"):
        datasets.split_names(3)


def test_sixteen_bits_become_eight(tmp_path, store):
    image = np.array([0, 257, 65535, 40000], np.uint16).reshape(2, 2, 1)
    features = {
        "image": tfds.features.Image(shape=(2, 2, 1), dtype=np.uint16, encoding_format="png"),
        "label": tfds.features.ClassLabel(num_classes=2),
    }
    store(tmp_path, "deep", features, [{"image": image, "label": 1}])
    ((pixels, label),) = datasets.load("deep", "train", data_dir=tmp_path).dataset
    assert pixels.dtype == tf.uint8 and label == 1
    assert pixels.numpy().ravel().tolist() == [0, 1, 255, 155]


def test_what_is_transparent_becomes_white(tmp_path, store):
    image = np.array([[[0, 0, 0, 0], [9, 8, 7, 255]]], np.uint8)
    features = {
        "image": tfds.features.Image(shape=(1, 2, 4), encoding_format="png"),
        "label": tfds.features.ClassLabel(num_classes=2),
    }
    store(tmp_path, "clear", features, [{"image": image, "label": 1}])
    source = datasets.load("clear", "train", data_dir=tmp_path)
    assert source.dataset.element_spec[0].shape == (1, 2, 3)
    ((pixels, _),) = source.dataset
    assert pixels.numpy().tolist() == [[[255, 255, 255], [9, 8, 7]]]


@pytest.fixture(scope="module")
def five_files(tmp_path_factory):
    """A folder of TFDS sets in which the digits to train on come in five files."""
    folder = tmp_path_factory.mktemp("tfds")
    config = tfds.download.DownloadConfig(num_shards=5)
    Digits(data_dir=folder).download_and_prepare(download_config=config)
    return folder


def test_files_are_read_in_an_order_of_the_seed(five_files):
    def load(**kwargs):
        return datasets.load("digits", "train", data_dir=five_files, **kwargs)

    def names(source):
        return [name.numpy() for *_, name in source.encoded]

    source = load(seed=1, shuffle_files=True)
    shuffled = names(source)
    assert sorted(shuffled) == sorted(names(load())) and shuffled != names(load())
    assert shuffled != names(load(seed=2, shuffle_files=True))
    assert shuffled == names(source)  # another epoch
    tf.random.set_seed(5)
    assert shuffled == names(load(seed=1, shuffle_files=True))  # another process


def test_a_run_that_goes_on_reads_the_files_as_if_it_had_not_stopped(five_files, monkeypatch):
    """Also of a set that is too large for the memory, whose files are read in every epoch."""
    monkeypatch.setattr(storage, "CACHE_BYTES", 0)
    monkeypatch.setattr(storage, "SHUFFLE_BUFFER", 10)
    form = {"image_size": (8, 8), "channels": 1, "preprocessing": None, "batch_size": 200}

    def batches(skip_steps):
        source = datasets.load("digits", "train", data_dir=five_files, seed=1, shuffle_files=True)
        dataset = train_batches(source, **form, seed=1, epochs=2, skip_steps=skip_steps)
        return [images.numpy() for images, _ in dataset]

    np.testing.assert_array_equal(batches(0)[9:], batches(9))


def test_missing_set_says_which_where_and_how(tmp_path, no_network):
    start = time.monotonic()
    with pytest.raises(MissingDataError) as caught:
        datasets.load("cifar10", "train", data_dir=tmp_path)
    assert time.monotonic() - start < 2
    message = str(caught.value)
    assert "'cifar10' is not on this disk" in message
    assert f"looked for {tmp_path}/cifar10/3.0.2" in message
    assert "tfds.builder('cifar10').download_and_prepare()" in message
    assert message.endswith("Received: name='cifar10'")


def test_missing_manual_set_does_not_ask_for_its_archive(tmp_path, no_network):
    with pytest.raises(MissingDataError, match="imagenet2012/5.1.0"):
        datasets.load("imagenet2012", "validation", data_dir=tmp_path)


def test_half_prepared_set_is_incomplete(tmp_path):
    (tmp_path / "cifar10" / "3.0.2").mkdir(parents=True)
    with pytest.raises(
        MissingDataError, match=r"incomplete: dataset_info.json, features.json missing(.|\n)*='cif"
    ):
        datasets.load("cifar10", "train", data_dir=tmp_path)


@pytest.mark.parametrize(
    "name, message",
    [
        ("cifra10", r"no set of this name.*Did you mean 'cifar10'.*Received: name='cifra10'$"),
        ("digit", r"Did you mean 'digits'\? Received: name='digit'$"),
        ("imagenette/400px", r"There is 'imagenette/full-size-v2', .*name='imagenette/400px'$"),
        ("cifar10:9.9.9", r"of version 3.0.2. Received: name='cifar10:9.9.9'$"),
        ("not a name!", r"are named as in 'cifar10', .*Received: name='not a name!'$"),
        ("huggingface:mnist", r"other hubs are not read.*Received: name='huggingface:mnist'$"),
        (
            "imdb_reviews",
            r"Not an image classification set.*text \(Text\), label .*'imdb_reviews'$",
        ),
        ("coco", r"Not an image classification set.*image \(Image\).*Received: name='coco'$"),
        ("oxford_iiit_pet:", r"are named as in"),
    ],
)
def test_names_that_cannot_be_read(name, message, tmp_path, no_network):
    with pytest.raises(ValueError, match=message):
        datasets.load(name, "train", data_dir=tmp_path)


@pytest.mark.parametrize("split", ["trian", "train[:3x]", "train[:0]", "validation", "train+"])
def test_bad_split_lists_the_splits(split, digits_dir):
    with pytest.raises(ValueError) as caught:
        datasets.load("digits", split, data_dir=digits_dir)
    assert "Its splits are test (360), train (1437)" in str(caught.value)
    assert str(caught.value).endswith(f"Received: split={split!r}")


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"name": 3}, TypeError, "`name` must be a string. Received: name=3"),
        ({"split": ""}, ValueError, "`split` must not be empty. Received: split=''"),
        ({"split": None}, TypeError, "`split` must be a string. Received: split=None"),
        ({"seed": -1}, ValueError, "`seed` must be at least 0. Received: seed=-1"),
        ({"shuffle_files": 1}, TypeError, "Received: shuffle_files=1"),
        ({"shuffle_files": True}, ValueError, "`shuffle_files` needs a seed.*Received: seed=None"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        datasets.load(**{"name": "digits", "split": "train", **arguments})


def test_sets_that_must_not_be_mirrored_exist():
    known = set(tfds.list_builders(with_community_datasets=False)) | {"digits"}
    assert datasets.NO_MIRROR <= known
