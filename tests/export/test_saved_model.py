"""The export on disk: versions, failures, sizes, and errors that teach."""

import os
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from keras import layers

from keras_classic_cnns.core.errors import UnsupportedModelError
from keras_classic_cnns.export import check, saved_model


def test_variables_are_stored_once(exported, tiny):
    stored = sum(f.stat().st_size for f in (exported / "variables").glob("variables.data-*"))
    assert 0 <= stored - 4 * tiny.count_params() < 4000


def test_versions_count_up(tiny, exported, tmp_path):
    (tmp_path / "notes.txt").write_text("not a version")
    (tmp_path / "0012").mkdir()
    assert saved_model(tiny, tmp_path, preprocessing="raw") == tmp_path / "13"
    assert saved_model(tiny, tmp_path, preprocessing="raw", version=4) == tmp_path / "4"
    assert saved_model(tiny, str(tmp_path), preprocessing="raw") == tmp_path / "14"
    assert check(tmp_path)["version"] == 14
    assert (tmp_path / "14").stat().st_mode == (tmp_path / "0012").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["0012", "13", "14", "4", "notes.txt"]


def test_existing_version_is_kept(tiny, tmp_path):
    (tmp_path / "0003").mkdir()
    with pytest.raises(FileExistsError, match=r"is not overwritten.* Received: version=3"):
        saved_model(tiny, tmp_path, preprocessing="raw", version=3)
    assert os.listdir(tmp_path) == ["0003"]


@pytest.fixture
def rival(monkeypatch):
    """Another export that takes a version while ours is being written."""

    def take(folder):
        real = tf.saved_model.save

        def save(*args, **kwargs):
            real(*args, **kwargs)
            folder.mkdir()
            (folder / "saved_model.pb").write_bytes(b"theirs")

        monkeypatch.setattr(tf.saved_model, "save", save)

    return take


def test_version_taken_meanwhile(tiny, tmp_path, rival):
    rival(tmp_path / "1")
    assert saved_model(tiny, tmp_path, preprocessing="raw") == tmp_path / "2"
    assert (tmp_path / "1" / "saved_model.pb").read_bytes() == b"theirs"


def test_wanted_version_taken_meanwhile(tiny, tmp_path, rival):
    rival(tmp_path / "8")
    with pytest.raises(FileExistsError, match="Received: version=8"):
        saved_model(tiny, tmp_path, preprocessing="raw", version=8)
    assert os.listdir(tmp_path) == ["8"]
    assert (tmp_path / "8" / "saved_model.pb").read_bytes() == b"theirs"


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
def test_failure_leaves_nothing(tiny, tmp_path, monkeypatch, error):
    seen = []

    def save(module, directory, **kwargs):
        Path(directory).mkdir()
        (Path(directory) / "saved_model.pb").write_bytes(b"half")
        seen.extend(os.listdir(tmp_path))
        raise error

    monkeypatch.setattr(tf.saved_model, "save", save)
    with pytest.raises(type(error)):
        saved_model(tiny, tmp_path, preprocessing="raw")
    assert len(seen) == 1 and not seen[0].isdigit()
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder(tiny, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        saved_model(tiny, tmp_path, preprocessing="raw")
    tmp_path.chmod(0o700)
    assert os.listdir(tmp_path) == []


def test_grouped_convolution_of_keras_is_refused(make, tmp_path):
    model = make(conv=layers.Conv2D(6, 3, groups=3, name="stage2_conv"))
    with pytest.raises(UnsupportedModelError, match="stage2_conv.*GroupedConv2D.*Received: path="):
        saved_model(model, tmp_path, preprocessing="raw")
    assert os.listdir(tmp_path) == []


def test_fixed_batch_is_refused(tmp_path):
    image = keras.Input((4, 4, 3), batch_size=2, name="image")
    x = keras.ops.reshape(image, (2, 48))
    model = keras.Model(image, layers.Dense(3)(x))
    with pytest.raises(ValueError, match="any batch"):
        saved_model(model, tmp_path, preprocessing="raw")


def test_top_is_at_most_all_classes(make, tmp_path):
    folder = saved_model(make(classes=3), tmp_path, preprocessing="raw", top=9)
    assert check(folder)["top"] == 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"top": 0}, ValueError, r"`top` must be at least 1. Received: top=0"),
        ({"top": 2.0}, TypeError, r"`top` must be an integer. Received: top=2.0"),
        ({"labels": "abcdefghij"}, TypeError, r"sequence of strings. Received: labels='abc"),
        ({"labels": range(10)}, TypeError, r"sequence of strings. Received: labels=range"),
        ({"labels": ["a"] * 9}, ValueError, r"the 10 classes. Received: len\(labels\)=9"),
        ({"preprocessing": "imagenet"}, ValueError, r"'torch'.* Received: preprocessing='imag"),
        ({"preprocessing": None}, ValueError, r"'torch'.* Received: model.name='tiny'"),
        ({"version": -1}, ValueError, r"`version` must be at least 0. Received: version=-1"),
        ({"version": 2**63}, ValueError, r"`version` must be at most \d+. Received: version=9"),
        ({"version": "1"}, TypeError, r"`version` must be an integer. Received: version='1'"),
        ({"path": None}, TypeError, r"`path` must be a path. Received: path=None"),
        ({"path": "gs://bucket/m"}, ValueError, r"local folder.* Received: path='gs://bucket/m'"),
        ({"path": __file__}, NotADirectoryError, r"is a file. Received: path='"),
        ({"warmup": 1}, TypeError, r"`warmup` must be True or False. Received: warmup=1"),
        ({"model": 3}, TypeError, r"keras.Model. Received: model=3"),
    ],
)
def test_errors(tiny, tmp_path, arguments, error, message):
    target = tmp_path / "m"
    arguments = {"model": tiny, "path": target, "preprocessing": "raw", **arguments}
    with pytest.raises(error, match=message):
        saved_model(**arguments)
    assert not target.exists()


def test_same_name_from_keras_applications_needs_its_preprocessing(tmp_path):
    """Theirs wants "caffe" and ours "torch": the name alone must not decide."""
    image = keras.Input((32, 32, 3), name="input_layer")
    x = layers.Dense(3, "softmax")(layers.GlobalAveragePooling2D()(image))
    with pytest.raises(ValueError, match=r"input 'image'.*Received: model.name='resnet50'"):
        saved_model(keras.Model(image, x, name="resnet50"), tmp_path)


def test_other_backends_are_refused(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="KERAS_BACKEND=tensorflow.*='jax'"):
        saved_model(tiny, tmp_path, preprocessing="raw")
