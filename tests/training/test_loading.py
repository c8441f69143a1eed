import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES
from keras_classic_cnns.training.loading import load_trained


def test_a_run_brings_its_preprocessing_and_labels(trained_run):
    trained = load_trained(trained_run)
    assert trained.path == trained_run / "best.keras"
    assert (trained.preprocessing, trained.labels) == (MODES["lenet"], tuple("0123456789"))
    assert (trained.image_size, trained.channels) == ((32, 32), 1)
    assert trained.run["dataset"] == "digits" and trained.crop_fraction is None
    run = {**trained.run, "crop_fraction": 0.875}
    assert dataclasses.replace(trained, run=run).crop_fraction == 0.875


@pytest.mark.parametrize("checkpoint", ["best", "last"])
def test_a_file_of_a_run_belongs_to_it(trained_run, checkpoint):
    by_run = load_trained(trained_run, checkpoint=checkpoint)
    by_file = load_trained(trained_run / f"{checkpoint}.keras")
    assert by_file.path == by_run.path and by_file.run == by_run.run
    for mine, theirs in zip(by_file.model.weights, by_run.model.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_file_of_no_run_is_known_by_its_name(tmp_path):
    kcc.LeNet5(classes=3).save(tmp_path / "mine.keras")
    trained = load_trained(tmp_path / "mine.keras")
    assert trained.preprocessing == MODES["lenet"]
    assert trained.labels == ("0", "1", "2") and trained.run is None
    (tmp_path / "names.txt").write_text("ant\nbee\ncat\n")
    trained = load_trained(
        tmp_path / "mine.keras", preprocessing="tf", labels=tmp_path / "names.txt"
    )
    assert trained.preprocessing == MODES["tf"] and trained.labels == ("ant", "bee", "cat")


@pytest.fixture
def foreign(tmp_path):
    """`foreign(input, size)`: another's model of the name of one of ours, as a file."""

    def save(name="input_layer", size=None):
        image = keras.Input((size, size, 3), name=name)
        x = keras.layers.Dense(3, "softmax")(keras.layers.GlobalAveragePooling2D()(image))
        keras.Model(image, x, name="resnet50").save(tmp_path / "foreign.keras")
        return tmp_path / "foreign.keras"

    return save


def test_a_foreign_model_of_our_name_needs_its_preprocessing(foreign):
    with pytest.raises(ValueError, match="its input 'image'. .* Received: model.name='resnet50'"):
        load_trained(foreign())
    assert load_trained(foreign(), preprocessing="caffe").preprocessing == MODES["caffe"]


def test_a_model_of_free_size_takes_its_architectures(tmp_path, foreign):
    kcc.ResNet20(input_shape=(None, None, 3)).save(tmp_path / "free.keras")
    assert load_trained(tmp_path / "free.keras").image_size == (32, 32)
    assert load_trained(foreign("image")).image_size == (224, 224)
    trained = load_trained(foreign(), preprocessing="caffe")
    with pytest.raises(
        ValueError, match=r"Give it one .*model.input_shape=\(None, None, None, 3\)"
    ):
        print(trained.image_size)
    assert load_trained(foreign(size=9), preprocessing="caffe").image_size == (9, 9)


def test_data_lies_where_the_run_read_it_last(trained_run, tmp_path):
    shutil.copytree(trained_run, tmp_path / "run")
    record = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert load_trained(tmp_path / "run").data_dir is None
    record["resumed"] = [{"settings": record["settings"] | {"data_dir": "/moved"}}]
    (tmp_path / "run" / "settings.json").write_text(json.dumps(record))
    assert load_trained(tmp_path / "run").data_dir == "/moved"


def test_what_cannot_be_loaded_is_told(tmp_path, trained_run):
    kcc.LeNet5(name="mine").save(tmp_path / "mine.keras")
    with pytest.raises(
        ValueError, match="is not known: .* Give it as `preprocessing`, .*'caffe', 'tf'"
    ):
        load_trained(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match="`preprocessing` must be one of"):
        load_trained(tmp_path / "mine.keras", preprocessing="sepia")
    with pytest.raises(FileNotFoundError, match="There is no such model. Received: path="):
        load_trained(tmp_path / "other.keras")
    with pytest.raises(FileNotFoundError, match="not a run directory"):
        load_trained(tmp_path)
    (tmp_path / "bad.keras").write_bytes(b"PK, but no more")
    with pytest.raises(ValueError, match="must be a .keras model; it is another one or damaged"):
        load_trained(tmp_path / "bad.keras")
    with pytest.raises(FileNotFoundError, match="no such file of labels"):
        load_trained(trained_run, labels=tmp_path / "names.txt")
    (tmp_path / "names.txt").write_text("ant\n")
    with pytest.raises(ValueError, match="must name the model's 10 classes, one a line, and has 1"):
        load_trained(trained_run, labels=tmp_path / "names.txt")


def test_a_run_without_a_finished_epoch_has_no_best(trained_run, tmp_path):
    (tmp_path / "settings.json").write_text((trained_run / "settings.json").read_text())
    with pytest.raises(FileNotFoundError, match="best.keras"):
        load_trained(tmp_path)


def test_a_layer_of_nobody_is_keras_own_error(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Lambda(lambda x: x * 2)])
    model.save(tmp_path / "lambda.keras")
    with pytest.raises(ValueError, match="[Ll]ambda"):
        load_trained(tmp_path / "lambda.keras", preprocessing="raw")
