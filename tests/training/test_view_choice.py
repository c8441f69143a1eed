import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

import keras_classic_cnns as kcc
from keras_classic_cnns.data.views import ten_crop_batches
from keras_classic_cnns.training import EvaluateSettings, evaluate, load_trained
from keras_classic_cnns.training.view_choice import Views, choose_views, prepare_views


def test_ten_crop_averages_probabilities(trained_run, tmp_path):
    result = evaluate(EvaluateSettings(path=trained_run, views="ten_crop", out=tmp_path))
    assert result.views == Views("ten_crop", (37,), mirror=False)
    trained = load_trained(trained_run)
    batches = ten_crop_batches(
        kcc.data.load("digits", "test[:80]"),
        image_size=(32, 32),
        channels=1,
        preprocessing="lenet",
        batch_size=80,
        shorter_side=37,
    )
    (crops,), labels = next(batches.as_numpy_iterator())
    of_crops = [trained.model.predict_on_batch(crops[:, k]) for k in range(5)]
    shares = np.mean(of_crops, axis=0)
    assert result.top1 == np.mean(shares.argmax(1) == labels)
    assert result.loss == pytest.approx(-np.log(shares[np.arange(80), labels]).mean(), rel=1e-5)
    assert "5 crops of each image, shorter side 37 pixels; no mirror images" in str(result)
    stored = json.loads(result.report.read_text())
    assert stored["views"] == {"kind": "ten_crop", "scales": [37], "mirror": False}


def test_dense_at_the_size_of_training_is_the_centre(trained_run, tmp_path):
    centre = evaluate(EvaluateSettings(path=trained_run, out=tmp_path))
    dense = evaluate(
        EvaluateSettings(path=trained_run, views="dense", scales=("32",), out=tmp_path)
    )
    assert centre.loss == pytest.approx(dense.loss, rel=1e-5)
    np.testing.assert_array_equal(centre.confusion, dense.confusion)
    larger = evaluate(EvaluateSettings(path=trained_run, views="dense", out=tmp_path))
    assert larger.views.scales == (32, 37, 41) and larger.loss != pytest.approx(dense.loss)


def test_centres_are_bytes_up_to_the_device(trained_run):
    trained, source = load_trained(trained_run), kcc.data.load("digits", "test[:5]")
    model, batches = prepare_views(Views("center"), trained, source, batch_size=5)
    (images, _), *_ = batches
    assert images.dtype == tf.uint8
    scaled = kcc.preprocessing.preprocess(images, trained.preprocessing)
    np.testing.assert_allclose(model.predict_on_batch(images), model(scaled), rtol=1e-5)


def test_defaults_are_those_of_the_papers(trained_run):
    trained = load_trained(trained_run)
    source = dataclasses.replace(kcc.data.load("digits", "test[:10]"), mirror=True)
    model = kcc.ResNet18(weights=None, classes=10)
    large = dataclasses.replace(trained, model=model)
    assert choose_views("ten_crop", None, large, source) == Views("ten_crop", (256,), True)
    assert choose_views("dense", None, large, source) == Views("dense", (224, 256, 288), True)
    assert choose_views("center", None, large, source) == Views("center")
    views = choose_views("dense", (32, 40), trained, source)
    model, batches = prepare_views(views, trained, source, batch_size=6)
    images, _ = next(iter(batches))
    assert [x.shape[:3] for x in images] == [(3, 2, 32), (3, 2, 40)]
    assert model.jit_compile is False


@pytest.mark.parametrize(
    ("kind", "scales", "message"),
    [
        ("center", (40,), r"is not for views='center'. Received: scales=\(40,\)"),
        ("ten_crop", (40, 48), "must be one number with views='ten_crop'"),
        ("dense", (31,), r"must be at least 32, the size of .* Received: scales=\(31,\)"),
    ],
)
def test_scales_that_do_not_fit(kind, scales, message, trained_run):
    with pytest.raises(ValueError, match=message):
        choose_views(kind, scales, load_trained(trained_run), kcc.data.load("digits", "test[:9]"))
