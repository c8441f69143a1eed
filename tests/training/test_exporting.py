import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_classic_cnns as kcc
from keras_classic_cnns.training import ExportSettings, export_trained, load_trained


def test_the_export_holds_the_runs_preprocessing_and_labels(trained_run, tmp_path):
    (tmp_path / "names.txt").write_text("\n".join("abcdefghij"))
    settings = ExportSettings(
        path=trained_run, out=tmp_path / "served", top=2, labels=tmp_path / "names.txt", version=7
    )
    folder = export_trained(settings)
    assert folder == tmp_path / "served" / "7"
    (image, _), *_ = kcc.data.load("digits", "test[:1]").dataset.as_numpy_iterator()
    pixels = np.kron(image, np.ones((4, 4, 1), "uint8"))[None]
    served = tf.saved_model.load(str(folder)).signatures["serve_uint8"](image=tf.constant(pixels))
    model = load_trained(trained_run).model
    expected = model.predict(kcc.preprocessing.preprocess(pixels, "lenet"), verbose=0)
    np.testing.assert_allclose(served["probabilities"], expected, atol=1e-5)
    assert served["labels"].shape == (1, 2)
    assert served["labels"][0, 0].numpy().decode() == "abcdefghij"[expected.argmax()]


def test_a_foreign_model_of_our_name_is_not_exported_with_our_preprocessing(tmp_path):
    image = keras.Input((32, 32, 3), name="input_layer")
    x = keras.layers.Dense(3, "softmax")(keras.layers.GlobalAveragePooling2D()(image))
    keras.Model(image, x, name="resnet50").save(tmp_path / "theirs.keras")
    with pytest.raises(ValueError, match="preprocessing of this model is not known"):
        export_trained(ExportSettings(path=tmp_path / "theirs.keras"))
    assert not (tmp_path / "export").exists()


def test_warmup_and_version_are_passed_on(trained_run, tmp_path):
    pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    folder = export_trained(ExportSettings(path=trained_run, out=tmp_path, warmup=True, version=0))
    assert folder == tmp_path / "0"
    assert (folder / "assets.extra" / "tf_serving_warmup_requests").is_file()


def test_the_export_goes_beside_the_model(trained_run, tmp_path):
    import shutil

    run = tmp_path / "run"
    shutil.copytree(trained_run, run)
    assert export_trained(ExportSettings(path=run)) == run / "export" / "1"
    last = ExportSettings(path=run, checkpoint="last")
    assert export_trained(last) == run / "export" / "2"
