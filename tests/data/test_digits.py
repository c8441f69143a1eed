"""The bundled digits: the set itself, and preparing it under trying circumstances."""

import builtins
import hashlib
import random

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.data import datasets
from keras_classic_cnns.data import digits as digits_module


def read(source):
    images, labels = zip(*source.dataset.as_numpy_iterator(), strict=True)
    return np.stack(images), np.array(labels)


def test_holds_the_digits_of_scikit_learn(digits_dir):
    parts = [
        read(datasets.load("digits", split, data_dir=digits_dir)) for split in ("train", "test")
    ]
    images = np.concatenate([images for images, _ in parts])
    labels = np.concatenate([labels for _, labels in parts])
    bundle, bundle_labels = load_digits(return_X_y=True)
    # every image comes back exactly once, with its label: compare as sorted rows
    ours = np.column_stack([images.reshape(1797, 64) / (255 / 16), labels])
    theirs = np.column_stack([bundle, bundle_labels])
    ours, theirs = (rows[np.lexsort(rows.T)] for rows in (np.rint(ours), theirs))
    np.testing.assert_array_equal(ours, theirs)
    assert images.dtype == np.uint8 and images.max() == 255
    assert [len(labels) for _, labels in parts] == [1437, 360]


def test_every_digit_has_its_share_of_the_test_images(digits_dir):
    _, labels = read(datasets.load("digits", "test", data_dir=digits_dir))
    shares = np.bincount(load_digits().target) * 360 / 1797
    assert np.abs(np.bincount(labels) - shares).max() < 1


def test_split_is_the_same_everywhere():
    train, test = digits_module.split_indices(load_digits().target)
    assert not set(train) & set(test) and len(train) + len(test) == 1797
    digest = hashlib.sha256(test.astype("<i8").tobytes()).hexdigest()
    assert digest[:16] == "d040d215f6d53853"


def test_is_a_tfds_set_with_class_names(digits_dir):
    dataset, info = tfds.load(
        "digits", split="test[:5]", data_dir=digits_dir, with_info=True, as_supervised=True
    )
    assert len(list(dataset)) == 5
    assert info.features["label"].names == [str(digit) for digit in range(10)]
    assert info.splits["train"].num_examples == 1437


def test_tfds_reads_it_without_our_code(digits_dir):
    builder = tfds.builder_from_directory(str(digits_dir / "digits" / "1.0.0"))
    assert len(list(builder.as_dataset(split="test"))) == 360


def test_preparing_prints_nothing(tmp_path, capfd):
    datasets.load("digits", "test", data_dir=tmp_path)
    out, err = capfd.readouterr()
    assert out == "" and "it/s" not in err and "Downloading" not in err


def test_without_scikit_learn_names_the_extra(tmp_path, monkeypatch):
    real_import = builtins.__import__

    def fail(name, *args, **kwargs):
        if name.startswith("sklearn"):
            raise ImportError("No module named 'sklearn'")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(MissingDataError, match=r"keras-classic-cnns\[demo\].*Received: name='dig"):
        datasets.load("digits", "train", data_dir=tmp_path)
    assert not list(tmp_path.glob("digits/1.0.0"))


def test_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MissingDataError, match="cannot be prepared.*can be written. Received: dat"):
        datasets.load("digits", "train", data_dir=tmp_path / "file")


def test_read_only_folder_is_named(tmp_path, monkeypatch):
    def refuse(self, **kwargs):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(digits_module.Digits, "download_and_prepare", refuse)
    with pytest.raises(
        MissingDataError, match=f"Permission denied.*Received: data_dir='{tmp_path}"
    ):
        datasets.load("digits", "train", data_dir=tmp_path)


def test_half_prepared_folder_is_named(tmp_path):
    datasets.load("digits", "train", data_dir=tmp_path)
    (record,) = tmp_path.glob("digits/1.0.0/*test.tfrecord*")
    record.unlink()
    with pytest.raises(MissingDataError, match=f"incomplete: {record.name} missing. Delete that"):
        datasets.load("digits", "train", data_dir=tmp_path)


def test_process_that_loses_the_race_takes_what_the_other_made(tmp_path, monkeypatch):
    make_splits = digits_module.Digits._split_generators
    rivals = []

    def overtaken(self, dl_manager):
        if not rivals:  # another process starts later and finishes first
            rivals.append(True)
            random.seed(0)  # it has the same seed: `random`, which TFDS uses, gives it the same
            digits_module.prepare(str(tmp_path))
        return make_splits(self, dl_manager)

    monkeypatch.setattr(digits_module.Digits, "_split_generators", overtaken)
    random.seed(0)
    source = datasets.load("digits", "train", data_dir=tmp_path)
    assert rivals and len(read(source)[1]) == 1437
    assert [path.name for path in (tmp_path / "digits").iterdir()] == ["1.0.0"]
