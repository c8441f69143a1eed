"""How a model wants its images."""

import gc
import logging
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES, Preprocessing
from keras_classic_cnns.weights import (
    preprocessing_for,
    read_preprocessing,
    remember_preprocessing,
    write_preprocessing,
)

HALVES = Preprocessing("halves", (2.0, 2.0, 2.0), (4.0, 4.0, 4.0))
WARNING = "is assumed, the default of the architecture"


@pytest.fixture
def mine():
    """A network under a name of its own whose weights want their images halved."""
    model = kcc.ResNet20(weights=None, name="mine")
    remember_preprocessing(model, HALVES)
    return model


@pytest.fixture
def reloaded(tmp_path):
    """A network as Keras reloads it, without what was known of it."""
    model = kcc.LeNet5(weights=None)
    remember_preprocessing(model, HALVES)
    model.save(tmp_path / "net.keras")
    write_preprocessing(tmp_path / "net.keras", preprocessing_for(model))
    return keras.models.load_model(tmp_path / "net.keras")


@pytest.mark.parametrize(("build", "mode"), [(kcc.ResNet20, "torch"), (kcc.LeNet5, "lenet")])
@pytest.mark.parametrize("name", [None, "mine"])
def test_a_random_start_is_as_its_family(build, mode, name, caplog):
    assert preprocessing_for(build(weights=None, name=name)) == MODES[mode]
    assert not caplog.records


def test_bundled_weights_bring_theirs(monkeypatch, caplog):
    model = kcc.LeNet5(weights="digits", name="mine")
    assert preprocessing_for(model) == MODES["lenet"]
    record = kcc.weights.bundled._records()[0] | {"preprocessing": "tf"}
    monkeypatch.setattr(kcc.weights.bundled, "_records", lambda: [record])
    assert preprocessing_for(kcc.LeNet5(weights="digits")) == MODES["tf"]
    assert not caplog.records


@pytest.mark.parametrize("ending", [".keras", ".weights.h5"])
def test_weights_of_a_file_bring_what_lies_beside_it(tmp_path, ending, caplog):
    model, path = kcc.LeNet5(weights=None), tmp_path / f"net{ending}"
    model.save(path) if ending == ".keras" else model.save_weights(path)
    write_preprocessing(path, HALVES)
    for name in ("lenet5", "mine"):
        assert preprocessing_for(kcc.LeNet5(weights=path, name=name)) == HALVES
    assert not caplog.records


def test_weights_of_another_librarys_file_do_so_too(tmp_path):
    path = tmp_path / "net.safetensors"
    shape = {"input_shape": (64, 64, 3), "classes": 4}
    kcc.to_torch_state_dict(kcc.SqueezeNet11(weights=None, **shape), path)
    write_preprocessing(path, HALVES)
    assert preprocessing_for(kcc.SqueezeNet11(weights=path, **shape)) == HALVES


def test_weights_of_a_file_alone_are_taken_for_the_familys_and_a_warning_says_so(tmp_path, caplog):
    kcc.LeNet5(weights=None).save_weights(tmp_path / "net.weights.h5")
    model = kcc.LeNet5(weights=tmp_path / "net.weights.h5", name="mine")
    assert not caplog.records
    assert preprocessing_for(model) == MODES["lenet"]
    assert WARNING in caplog.text and "mine: " in caplog.text


def test_a_damaged_file_beside_the_weights_is_refused(tmp_path):
    kcc.LeNet5(weights=None).save_weights(tmp_path / "net.weights.h5")
    (tmp_path / "net.preprocessing.json").write_text("{")
    with pytest.raises(ValueError, match=r"net\.preprocessing\.json does not say"):
        kcc.LeNet5(weights=tmp_path / "net.weights.h5")


def test_what_is_remembered_is_of_this_model_alone(mine):
    assert preprocessing_for(mine) == HALVES
    assert preprocessing_for(kcc.ResNet20(weights=None, name="mine")) == MODES["torch"]


def test_what_is_remembered_keeps_no_model_alive():
    model = kcc.LeNet5(weights=None)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_a_bare_reload_is_as_its_family_and_one_warning_says_so(reloaded, caplog):
    for _ in range(2):
        assert preprocessing_for(reloaded) == MODES["lenet"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert WARNING in caplog.text and "remember_preprocessing(model, ...)" in caplog.text


def test_a_bare_reload_can_be_told_what_lies_beside_it(reloaded, tmp_path, caplog):
    remember_preprocessing(reloaded, preprocessing_for(tmp_path / "net.keras"))
    assert preprocessing_for(reloaded) == HALVES
    assert not caplog.records


def test_a_clone_is_a_bare_model(caplog):
    model = kcc.LeNet5(weights=None)
    remember_preprocessing(model, HALVES)
    assert preprocessing_for(keras.models.clone_model(model)) == MODES["lenet"]
    assert WARNING in caplog.text


def test_a_renamed_reload_must_be_told(mine, tmp_path):
    mine.save(tmp_path / "mine.keras")
    model = keras.models.load_model(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match="is not known: .* Received: model.name='mine'"):
        preprocessing_for(model)
    remember_preprocessing(model, "tf")
    assert preprocessing_for(model) == MODES["tf"]


def test_a_path_is_answered_by_the_file_beside_it(tmp_path):
    write_preprocessing(tmp_path / "net.keras", HALVES)
    for path in (tmp_path / "net.keras", str(tmp_path / "net.weights.h5")):
        assert kcc.preprocessing_for(path) == HALVES == read_preprocessing(path)
    with pytest.raises(FileNotFoundError, match=r"no other\.preprocessing\.json.*other\.keras'$"):
        preprocessing_for(tmp_path / "other.keras")


def test_derived_models_have_that_of_the_network(mine, caplog):
    assert preprocessing_for(kcc.feature_extractor(mine, ["stage1"])) == HALVES
    assert preprocessing_for(kcc.without_aux(mine)) == HALVES
    small = {"widths": (4, 4, 8, 8, 8), "name": "mine"}
    fractal = kcc.FractalNet20(weights=None, **small)
    remember_preprocessing(fractal, HALVES)
    assert preprocessing_for(kcc.column(fractal, 1)) == HALVES
    assert not caplog.records


def test_the_net_without_its_auxiliary_heads_has_that_of_the_net_with_them():
    model = kcc.GoogLeNet(weights=None, aux_heads=True, classes=3, name="mine")
    remember_preprocessing(model, HALVES)
    assert preprocessing_for(kcc.without_aux(model)) == HALVES


def test_what_is_derived_of_a_bare_reload_warns_as_well(reloaded, caplog):
    features = kcc.feature_extractor(reloaded, ["stage1"])
    assert not caplog.records
    assert preprocessing_for(features) == MODES["lenet"]
    assert WARNING in caplog.text


@pytest.mark.parametrize("name", ["lenet5", "mine"])
def test_an_export_has_that_of_the_weights(tmp_path, name, caplog):
    model = kcc.LeNet5(weights=None, name=name)
    remember_preprocessing(model, HALVES)
    folder = kcc.export.saved_model(model, tmp_path / "export")
    image = 255 * images(1, 32, 32, 1)
    served = tf.saved_model.load(folder).signatures["serving_default"](image=image)
    np.testing.assert_allclose(served["probabilities"], model(HALVES(image)), atol=1e-6)
    assert not caplog.records


def test_an_export_of_a_bare_reload_warns(reloaded, tmp_path, caplog):
    kcc.export.saved_model(reloaded, tmp_path / "export")
    assert caplog.text.count(WARNING) == 1


@pytest.mark.parametrize(
    ("model", "error", "received"),
    [
        (3, TypeError, "model=3"),
        (keras.Sequential(name="other"), ValueError, "model.name='other'"),
    ],
)
def test_other_models(model, error, received):
    with pytest.raises(error, match=f"Received: {received}$"):
        preprocessing_for(model)


@pytest.mark.parametrize(
    ("model", "preprocessing", "error", "message"),
    [
        ("net.keras", "tf", TypeError, "Received: model='net.keras'"),
        (keras.Sequential(), "sepia", ValueError, "Received: preprocessing='sepia'"),
    ],
)
def test_what_cannot_be_remembered(model, preprocessing, error, message):
    with pytest.raises(error, match=message):
        remember_preprocessing(model, preprocessing)
