"""Warm-up requests, where tensorflow-serving-api is installed."""

import sys

import pytest
import tensorflow as tf

from keras_classic_cnns.export import saved_model
from keras_classic_cnns.export.warmup import REQUESTS


def test_requests_fit_the_signatures(tiny, tmp_path):
    logs = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    folder = saved_model(tiny, tmp_path, preprocessing="raw", warmup=True)
    signatures = tf.saved_model.load(str(folder)).signatures
    replayed = []
    for record in tf.data.TFRecordDataset(str(folder / REQUESTS)):
        request = logs.PredictionLog.FromString(record.numpy()).predict_log.request
        name = request.model_spec.signature_name
        image = tf.make_ndarray(request.inputs["image"])
        assert signatures[name](image=tf.constant(image))["classes"].shape == (1, 5)
        replayed.append(name)
    assert replayed == ["serving_default", "serve_uint8"]


def test_none_unless_asked_for(exported):
    assert not (exported / REQUESTS).exists()


def test_free_image_size_is_refused(make, tmp_path):
    model = make(shape=(None, None, 3))
    with pytest.raises(ValueError, match=r"Received: model.input_shape=\(None, None, None, 3\)"):
        saved_model(model, tmp_path, preprocessing="raw", warmup=True)


def test_missing_package(tiny, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_serving", None)
    monkeypatch.setitem(sys.modules, "tensorflow_serving.apis", None)
    with pytest.raises(ImportError, match=r"keras-classic-cnns\[serve\].*Received: warmup=True"):
        saved_model(tiny, tmp_path / "m", preprocessing="raw", warmup=True)
