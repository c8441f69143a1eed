import os
import zipfile

import keras
import numpy as np
import pytest

from keras_classic_cnns.training import checkpoint
from keras_classic_cnns.training.checkpoint import Progress


def make(optimizer="adam"):
    x = keras.Input((4,))
    model = keras.Model(x, keras.layers.Dense(3, "softmax")(keras.layers.Dropout(0.5)(x)))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(model, steps):
    rng = np.random.default_rng(0)
    for _ in range(steps):
        logs = model.train_on_batch(rng.random((8, 4)), rng.integers(0, 3, 8), return_dict=True)
    return logs


def test_a_restored_model_goes_on_with_the_same_dropout_and_metrics(tmp_path):
    model = make()
    train(model, 3)
    progress = checkpoint.progress_of(model, int(model.optimizer.iterations))
    assert progress.step == 3 and len(progress.seeds) == 1
    checkpoint.save(model, tmp_path / "last.keras", progress)
    restored = make()
    assert checkpoint.restore(restored, tmp_path / "last.keras") == progress
    checkpoint.restore_metrics(restored, progress)
    assert train(restored, 2) == pytest.approx(train(model, 2), abs=1e-7)
    for mine, theirs in zip(restored.variables, model.variables, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-7)


def test_a_checkpoint_is_an_ordinary_keras_file(tmp_path):
    model = make()
    train(model, 1)
    checkpoint.save(
        model,
        tmp_path / "last.keras",
        checkpoint.progress_of(model, int(model.optimizer.iterations)),
    )
    loaded = keras.models.load_model(tmp_path / "last.keras")
    assert int(loaded.optimizer.iterations) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["last.keras"]


def test_nothing_is_left_of_a_save_that_fails(tmp_path, monkeypatch):
    path = tmp_path / "last.keras"
    path.write_bytes(b"old")

    def disk_full(self, file):
        file.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(keras.Model, "save", disk_full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(make(), path, Progress())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["last.keras"]


def test_the_old_file_gets_its_other_name_only_when_the_new_one_is_whole(tmp_path, monkeypatch):
    model, path, previous = make(), tmp_path / "last.keras", tmp_path / "previous.keras"
    steps, save = [], keras.Model.save

    def looking(self, file):
        steps.append([checkpoint.read_progress(p).step for p in (path, previous) if p.exists()])
        save(self, file)

    monkeypatch.setattr(keras.Model, "save", looking)
    for step in (1, 2, 3):
        checkpoint.save(model, path, Progress(step), previous=previous)
    assert steps == [[], [1], [2, 1]]
    assert [checkpoint.read_progress(p).step for p in (path, previous)] == [3, 2]


def test_what_is_no_checkpoint_is_told(tmp_path):
    path = tmp_path / "last.keras"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="cannot be read: File is not a zip file"):
        checkpoint.read_progress(path)
    make().save(path)
    with pytest.raises(ValueError, match="no item named 'progress.json' in the archive"):
        checkpoint.read_progress(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("progress.json", '{"step": 1, "moon": 2}')
    with pytest.raises(ValueError, match="moon.*Received: path="):
        checkpoint.read_progress(path)


def test_another_optimizer_is_refused(tmp_path):
    model = make("adam")
    train(model, 1)
    checkpoint.save(
        model,
        tmp_path / "last.keras",
        checkpoint.progress_of(model, int(model.optimizer.iterations)),
    )
    with (
        pytest.warns(UserWarning, match="Skipping variable loading for optimizer"),
        pytest.raises(ValueError, match="optimizer is of another kind than the recipe's"),
    ):
        checkpoint.restore(make("sgd"), tmp_path / "last.keras")


def test_copy(tmp_path):
    (tmp_path / "best.keras").write_bytes(b"new")
    (tmp_path / "last.keras").write_bytes(b"old")
    checkpoint.copy(tmp_path / "best.keras", tmp_path / "last.keras")
    assert (tmp_path / "last.keras").read_bytes() == b"new"
