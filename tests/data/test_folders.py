"""Folders of images: layouts, splits, and the errors of those that cannot be read."""

import logging

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.data import datasets


def fill(folder, count, shade=0):
    """Writes images of one shade each, a class to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        pixels = np.full((6 + index % 3, 8, 3), shade + index, np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")


@pytest.fixture
def photos(tmp_path):
    for split, count in (("train", 10), ("test", 3)):
        fill(tmp_path / "photos" / split / "dog", count, shade=100)
        fill(tmp_path / "photos" / split / "cat", 2 * count)
    return tmp_path / "photos"


def load(folder, split="train", **kwargs):
    return datasets.load(str(folder), split, **kwargs)


def names(source):
    return [name.decode() for *_, name in source.encoded.as_numpy_iterator()]


def test_splits_and_classes(photos):
    source = load(photos)
    assert (source.name, source.split, source.num_examples) == (str(photos), "train", 30)
    assert source.labels == ("cat", "dog") and source.mirror
    assert datasets.split_names(str(photos)) == ("test", "train")
    assert source.dataset.element_spec[0].shape.as_list() == [None, None, 3]
    seen = set()
    for (image, label), (content, same, name) in zip(source.dataset, source.encoded, strict=True):
        split, folder, file = name.numpy().decode().split("/")
        assert (split, folder) == ("train", source.labels[label]) and same == label
        assert (image.numpy() == int(file[:-4]) + 100 * int(label)).all()
        assert content == (photos / split / folder / file).read_bytes()
        seen.add((folder, file))
    assert len(seen) == 30
    assert load(photos, "test").num_examples == 9
    assert datasets.load(photos, "train").name == str(photos)  # a Path will do


def test_every_part_of_a_split_has_its_share_of_each_class(photos):
    most, rest = load(photos, "train[:90%]"), load(photos, "train[90%:]")
    assert most.num_examples == 27 and rest.num_examples == 3
    assert sorted(names(most) + names(rest)) == sorted(names(load(photos)))
    assert sorted(label for _, label in rest.dataset.as_numpy_iterator()) == [0, 0, 1]
    assert load(photos, "train[5:9]+test").num_examples == 13


def test_the_order_is_that_of_the_seed_or_the_same_for_all(photos):
    assert names(load(photos)) == names(load(photos, seed=5))
    shuffled = names(load(photos, seed=1, shuffle_files=True))
    assert shuffled == names(load(photos, seed=1, shuffle_files=True))
    assert shuffled != names(load(photos, seed=2, shuffle_files=True))
    assert sorted(shuffled) == sorted(names(load(photos)))


def test_a_folder_without_splits_is_the_split_train(photos):
    source = load(photos / "train")
    assert source.num_examples == 30 and names(source)[0].startswith("cat/")
    assert datasets.split_names(str(photos / "train")) == ("train",)
    assert datasets.split_names(photos / "train") == ("train",)
    with pytest.raises(ValueError, match=r"Its splits are train \(30\); .*Received: split='test'"):
        load(photos / "train", "test")


def test_what_is_no_image_is_ignored_and_told(photos, caplog):
    (photos / "train" / "cat" / "notes.txt").write_text("x")
    (photos / "train" / "cat" / ".DS_Store").write_text("x")
    (photos / "train" / "cat" / "UPPER.PNG").write_bytes((photos / "train/cat/0.png").read_bytes())
    (photos / ".cache").mkdir()
    with caplog.at_level(logging.INFO):
        assert load(photos).num_examples == 31
    assert ".png, .webp: 1 (notes.txt)" in caplog.text
    assert "train: 31 images of 2 classes" in caplog.text


def test_a_class_without_images_is_still_a_class(photos, caplog):
    (photos / "train" / "bird").mkdir()
    (photos / "test" / "bird").mkdir()
    source = load(photos)
    assert source.labels == ("bird", "cat", "dog")
    assert "train: no images of bird" in caplog.text
    assert {label for _, label in source.dataset.as_numpy_iterator()} == {1, 2}


def test_splits_with_other_classes_say_which_lacks_what(photos):
    fill(photos / "test" / "bird", 1)
    fill(photos / "train" / "cow", 1)
    with pytest.raises(ValueError) as caught:
        load(photos)
    assert "test/ lacks cow; train/ lacks bird, which another split has" in str(caught.value)
    assert str(caught.value).endswith(f"Received: name={str(photos)!r}")


def test_an_empty_split_is_none(photos):
    for label in ("cat", "dog"):
        (photos / "validation" / label).mkdir(parents=True)
    (photos / "other").mkdir()
    assert datasets.split_names(str(photos)) == ("test", "train")
    with pytest.raises(ValueError, match=r"no examples in this split.*validation \(0\)"):
        load(photos, "validation")


@pytest.mark.parametrize("split", ["trian", "train[:3x]", "train[:0]", "train[31:]", "train+"])
def test_bad_split_lists_the_splits(split, photos):
    with pytest.raises(ValueError, match=r"Its splits are test \(9\), train \(30\); .*train\[:90%"):
        load(photos, split)


def test_folders_that_cannot_be_read(photos, tmp_path):
    fill(photos / "more", 1)
    with pytest.raises(ValueError, match="In this one more/ holds images and test/ holds folders"):
        load(photos)
    (tmp_path / "empty" / "train" / "cat").mkdir(parents=True)
    with pytest.raises(ValueError, match="holds no images.*split/class/image.jpg.*end in .bmp"):
        load(tmp_path / "empty")
    fill(tmp_path / "flat", 2)
    with pytest.raises(ValueError, match="holds no images"):
        load(tmp_path / "flat")
    with pytest.raises(MissingDataError, match="no such folder of images. Received: name='/none'"):
        load("/none")


def test_names_of_sets_come_before_folders(photos, tmp_path, monkeypatch, digits_dir):
    monkeypatch.chdir(tmp_path)
    assert load("photos").num_examples == load("./photos").num_examples == 30
    photos.rename(tmp_path / "digits")
    assert load("digits", data_dir=digits_dir).num_examples == 1437
    assert load("./digits").num_examples == 30


def test_what_is_transparent_becomes_white(tmp_path):
    fill(tmp_path / "cat", 1)
    clear = np.zeros((4, 5, 4), np.uint8)
    Image.fromarray(clear).save(tmp_path / "cat" / "0.png")
    ((image, _),) = load(tmp_path).dataset
    assert image.dtype == tf.uint8 and (image.numpy() == 255).all()
