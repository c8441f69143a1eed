"""A run scales its images as the weights that it starts from want them, and says so ever after."""

import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES, Preprocessing, preprocess
from keras_classic_cnns.training import (
    EvaluateSettings,
    ExportSettings,
    PredictSettings,
    build,
    evaluate,
    export_trained,
    fit,
    load_trained,
    predict,
    record,
)
from keras_classic_cnns.weights import preprocessing_for, read_preprocessing, write_preprocessing

# far from LeNet's own, so that one in place of the other changes every figure
OWN = Preprocessing("own", (200.0, 200.0, 200.0), (40.0, 40.0, 40.0))
WARNING = "is assumed, the default of the architecture"


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A file of weights with its record beside it."""
    path = tmp_path_factory.mktemp("start") / "net.weights.h5"
    keras.utils.set_random_seed(0)
    kcc.LeNet5(weights=None).save_weights(path)
    write_preprocessing(path, OWN)
    return path


@pytest.fixture(scope="module")
def own_run(settings, start, tmp_path_factory):
    """A finished run that started from these weights."""
    out = tmp_path_factory.mktemp("runs") / "own"
    fit.train(settings(out, weights=start, epochs=1))
    return out


@pytest.fixture
def copied(own_run, tmp_path):
    """`copied(beside)`: the best model of the run outside of it, with its record or alone."""

    def copy(beside):
        shutil.copy(own_run / "best.keras", tmp_path / "net.keras")
        if beside:
            shutil.copy(own_run / "best.preprocessing.json", tmp_path / "net.preprocessing.json")
        return tmp_path / "net.keras"

    return copy


@pytest.fixture
def older(own_run, tmp_path):
    """`older(name)`: the run as the former version left it, which recorded the name of a mode."""

    def make(name):
        shutil.copytree(own_run, tmp_path / "older")
        for beside in (tmp_path / "older").glob("*.preprocessing.json"):
            beside.unlink()
        settings = tmp_path / "older" / "settings.json"
        kept = json.loads(settings.read_text())
        kept["run"]["preprocessing"] = name
        settings.write_text(json.dumps(kept))
        return tmp_path / "older"

    return make


def digits_scaled(mode):
    source = kcc.data.load("digits", "test[:80]")
    return kcc.data.eval_batches(
        source, image_size=(32, 32), channels=1, preprocessing=mode, batch_size=80
    )


def loss_of(path, mode):
    """What a model loses on images that are scaled by a record."""
    model = keras.models.load_model(path)
    return model.evaluate(digits_scaled(mode), verbose=0, return_dict=True)["loss"]


def test_the_batches_are_scaled_as_the_weights_want_them(settings, start):
    plan = build.make_plan(settings("unused", weights=start, augment=()))
    model = plan.build()
    assert plan.preprocessing == OWN == preprocessing_for(model)
    for batches in (plan.train_batches(skip=0), plan.eval_batches()):
        images, labels = next(iter(batches))
        scaled = preprocess(images.numpy(), OWN)
        assert images.dtype == tf.uint8 and scaled.min() == -5.0
        mine, other = (model.test_on_batch(x, labels, return_dict=True) for x in (images, scaled))
        assert mine["loss"] == pytest.approx(other["loss"], rel=1e-5)


def test_public_weights_say_it_before_they_are_fetched(settings, monkeypatch):
    entry = kcc.weights.catalog.find("resnet50", "imagenet")
    own = dataclasses.replace(entry, preprocessing=OWN)
    monkeypatch.setattr(kcc.weights.catalog, "find", lambda *_: own)
    plan = build.make_plan(settings("unused", model="resnet50", weights="imagenet"))
    assert plan.preprocessing == OWN


def test_weights_for_coloured_images_train_on_grey_ones(settings, tmp_path):
    path = tmp_path / "net.weights.h5"
    kcc.ResNet20(weights=None).save_weights(path)
    grey = {"model": "resnet20", "weights": path, "channels": 1}
    with pytest.raises(ValueError, match="`adapt_input=True`"):
        build.make_plan(settings("unused", **grey)).build()
    model = build.make_plan(settings("unused", **grey, adapt_input=True)).build()
    assert model.get_layer("stem_conv").kernel.shape == (3, 3, 1, 16)


def test_bundled_weights_need_all_options(settings):
    plan = build.make_plan(settings("unused", weights="digits", option=("variant=modern",)))
    assert plan.preprocessing == MODES["lenet"] == preprocessing_for(plan.build())
    with pytest.raises(ValueError, match="there are none for variant='1998'"):
        build.make_plan(settings("unused", weights="digits", option=("variant=1998",)))


def test_a_start_from_a_file_alone_warns_once(settings, tmp_path, start, caplog):
    shutil.copy(start, tmp_path / "alone.weights.h5")
    chosen = settings(tmp_path / "run", weights=tmp_path / "alone.weights.h5", epochs=1)
    fit.train(chosen)
    assert caplog.text.count(WARNING) == 1
    assert read_preprocessing(tmp_path / "run" / "best.keras") == MODES["lenet"]


def test_every_model_of_a_run_has_its_record_beside_it(own_run):
    for model in own_run.glob("*.keras"):
        assert kcc.preprocessing_for(model) == OWN
    assert len(list(own_run.glob("*.preprocessing.json"))) == 2


def test_a_run_stopped_in_its_first_epoch_has_it_too(settings, interrupted, start, tmp_path):
    interrupted(settings(tmp_path / "run", weights=start), step=2)
    assert not (tmp_path / "run" / "best.keras").exists()
    assert kcc.preprocessing_for(tmp_path / "run" / "last.keras") == OWN


def test_the_run_records_it(own_run, settings, start):
    run = json.loads((own_run / "settings.json").read_text())["run"]
    assert run["preprocessing"] == {
        "name": "own",
        "mean": [200.0] * 3,
        "std": [40.0] * 3,
        "reverse_channels": False,
    }
    assert record.preprocessing_of(run) == OWN
    known = record.record_of(build.make_plan(settings("unused")))["run"]
    assert known["preprocessing"] == "lenet" and record.preprocessing_of(known) == MODES["lenet"]


def test_a_run_whose_start_has_another_record_by_now_is_refused(own_run, settings, tmp_path, start):
    shutil.copytree(own_run, tmp_path / "run")
    shutil.copy(start, tmp_path / "net.weights.h5")
    write_preprocessing(tmp_path / "net.weights.h5", MODES["tf"])
    with pytest.raises(ValueError, match="run.preprocessing.mean: .*there.*now"):
        fit.train(settings(tmp_path / "run", weights=tmp_path / "net.weights.h5", epochs=2))


@pytest.mark.parametrize("place", ["run", "file of the run", "file"])
def test_it_is_loaded_with_the_model(own_run, copied, place, caplog):
    path = {"run": own_run, "file of the run": own_run / "last.keras"}.get(place) or copied(True)
    trained = load_trained(path)
    assert trained.preprocessing == preprocessing_for(trained.model) == OWN
    assert not caplog.records


def test_a_file_alone_is_taken_for_the_familys_and_a_warning_says_so(copied, caplog):
    trained = load_trained(copied(False))
    assert trained.preprocessing == preprocessing_for(trained.model) == MODES["lenet"]
    assert caplog.text.count(WARNING) == 1


def test_what_the_user_says_comes_first(own_run, copied, caplog):
    for path in (own_run, copied(True), copied(False)):
        trained = load_trained(path, preprocessing="tf")
        assert trained.preprocessing == preprocessing_for(trained.model) == MODES["tf"]
    assert not caplog.records


def test_a_record_beside_a_foreign_model_makes_it_known(tmp_path):
    image = keras.Input((32, 32, 1))
    x = keras.layers.Dense(3, "softmax")(keras.layers.Flatten()(image))
    keras.Model(image, x).save(tmp_path / "theirs.keras")
    write_preprocessing(tmp_path / "theirs.keras", OWN)
    assert load_trained(tmp_path / "theirs.keras").preprocessing == OWN


def test_a_damaged_record_is_refused_unless_the_user_says_what_is_right(copied):
    path = copied(True)
    path.with_name("net.preprocessing.json").write_text('{"name": "own"}')
    with pytest.raises(ValueError, match=r"net\.preprocessing\.json does not say"):
        load_trained(path)
    assert load_trained(path, preprocessing="raw").preprocessing == MODES["raw"]


@pytest.mark.parametrize(("flag", "mode"), [(None, OWN), ("lenet", MODES["lenet"])])
def test_evaluate_uses_it(own_run, copied, tmp_path, flag, mode):
    settings = {"dataset": "digits", "split": "test[:80]", "preprocessing": flag}
    expected = loss_of(own_run / "best.keras", mode)
    assert expected != pytest.approx(loss_of(own_run / "best.keras", MODES["raw"]), rel=1e-3)
    for path in (own_run, copied(True)):
        found = evaluate(EvaluateSettings(path=path, out=tmp_path / "out", **settings))
        assert found.loss == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("flag", "mode"), [(None, OWN), ("raw", MODES["raw"])])
def test_predict_and_export_use_it(own_run, copied, tmp_path, flag, mode):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 1), np.uint8)
    (tmp_path / "image.png").write_bytes(tf.io.encode_png(pixels).numpy())
    model = keras.models.load_model(own_run / "best.keras")
    expected = model.predict(preprocess(pixels[None], mode), verbose=0)
    for path in (own_run, copied(True)):
        chosen = {"path": path, "preprocessing": flag}
        (found,) = predict(PredictSettings(images=(str(tmp_path / "image.png"),), **chosen))
        assert found.classes[0][2] == pytest.approx(expected.max(), abs=1e-5)
        folder = export_trained(ExportSettings(out=tmp_path / "served", **chosen))
        served = tf.saved_model.load(folder).signatures["serve_uint8"](image=pixels[None])
        np.testing.assert_allclose(served["probabilities"], expected, atol=1e-5)


def test_a_run_of_the_former_version_is_as_it_recorded(older, caplog):
    run = older("tf")
    for path in (run, run / "last.keras"):
        assert load_trained(path).preprocessing == MODES["tf"]
    assert not caplog.records


def test_a_run_of_the_former_version_goes_on(settings, trained_run, tmp_path, caplog):
    run = tmp_path / "run"
    shutil.copytree(trained_run, run)
    for beside in run.glob("*.preprocessing.json"):
        beside.unlink()
    assert fit.train(settings(run, epochs=4)).step == 24
    for name in ("best.keras", "last.keras"):
        assert read_preprocessing(run / name) == MODES["lenet"]
    assert not caplog.records
