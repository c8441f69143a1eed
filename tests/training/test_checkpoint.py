import os
import zipfile

import keras
import numpy as np
import pytest
from harness import two_replicas

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


def test_no_damage_of_the_list_of_parts_is_taken_for_something_else(tmp_path):
    """zipfile has a dozen errors for it; a run falls back on the checkpoint before."""
    path = tmp_path / "last.keras"
    checkpoint.save(make(), path, Progress(3))
    whole = path.read_bytes()
    start = whole.index(b"PK\1\2")
    refused = 0
    for place in range(start, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            assert checkpoint.read_progress(path).step == 3
        except ValueError as error:
            assert "The checkpoint cannot be read: " in str(error)
            refused += 1
    assert refused > (len(whole) - start) / 3


def test_each_replica_gets_its_own_averages_and_sums_again(tmp_path):
    strategy = two_replicas()

    def own(model):
        shares = map(
            strategy.experimental_local_results,
            (variable.value for variable in (*model.variables, *model.metrics_variables)),
        )
        return [[share.numpy() for share in own] for own in shares]

    def build():
        with strategy.scope():
            x = keras.Input((4,))
            model = keras.Model(x, keras.layers.Dense(3)(keras.layers.BatchNormalization()(x)))
            model.compile("sgd", "mse", metrics=["mae"])
        return model

    model = build()
    model.fit(np.random.default_rng(0).random((32, 4)), np.ones((32, 3)), batch_size=16, verbose=0)
    progress = checkpoint.progress_of(model, 2)
    checkpoint.save(model, tmp_path / "last.keras", progress)
    assert any(np.any(one != two) for one, two in own(model))
    restored = build()
    with strategy.scope():
        assert checkpoint.restore(restored, tmp_path / "last.keras") == progress
    checkpoint.restore_metrics(restored, progress)
    for found, expected in zip(own(restored), own(model), strict=True):
        np.testing.assert_array_equal(found, expected)
    alone = keras.models.load_model(tmp_path / "last.keras")  # as the first replica has it
    for mine, (first, _) in zip(alone.variables, own(model)[: len(alone.variables)], strict=True):
        np.testing.assert_array_equal(mine, first)


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
