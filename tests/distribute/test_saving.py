"""The chief writes the model, every worker its own checkpoints."""

import dataclasses

import keras
import numpy as np
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns.distribute import save, strategy, worker_directory


def of_two(worker):
    return dataclasses.replace(strategy("cpu"), workers=2, worker=worker)


def test_the_chief_writes_the_model_and_its_preprocessing(tmp_path):
    model = kcc.LeNet5(weights=None)
    save(model, tmp_path / "new" / "net.keras", of_two(0))
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"net.keras", "net.preprocessing.json"}
    reloaded = keras.models.load_model(tmp_path / "new" / "net.keras")
    for mine, theirs in zip(reloaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_others_leave_nothing(tmp_path):
    save(kcc.LeNet5(weights=None), tmp_path / "net.keras", of_two(1))
    assert list(tmp_path.iterdir()) == []


def test_a_model_whose_images_are_not_known_is_saved_alone(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    save(model, tmp_path / "net.keras", of_two(0))
    assert [path.name for path in tmp_path.iterdir()] == ["net.keras"]


def test_a_failure_keeps_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "net.keras").write_text("old")
    model = kcc.LeNet5(weights=None)

    def fail(path):
        raise OSError("disk full")

    monkeypatch.setattr(model, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        save(model, tmp_path / "net.keras", of_two(0))
    assert (tmp_path / "net.keras").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["net.keras"]


def test_wrong_arguments_are_refused(tmp_path):
    with pytest.raises(TypeError, match="must be a keras.Model"):
        save("model", tmp_path / "net.keras", of_two(0))
    with pytest.raises(ValueError, match=r"must end in .keras. Received: path='net.h5'"):
        save(kcc.LeNet5(weights=None), "net.h5", of_two(0))


def test_every_worker_has_a_directory(tmp_path):
    assert worker_directory(tmp_path / "run", strategy("cpu")) == tmp_path / "run"
    assert worker_directory(tmp_path / "run", of_two(1)) == tmp_path / "run" / "worker-1"
    assert (tmp_path / "run" / "worker-1").is_dir()
