import json

import keras
import numpy as np
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns.training import (
    ExportSettings,
    PredictSettings,
    export_trained,
    load_trained,
    predict,
)
from keras_classic_cnns.training.loading import Trained


@pytest.fixture(scope="module")
def exported(trained_run, tmp_path_factory):
    return export_trained(ExportSettings(path=trained_run, out=tmp_path_factory.mktemp("export")))


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Two digits as grey PNG files of 8x8, and one as a large RGB file."""
    folder = tmp_path_factory.mktemp("images")
    pixels = [image for image, _ in kcc.data.load("digits", "test[:3]").dataset.as_numpy_iterator()]
    pixels[2] = np.repeat(np.kron(pixels[2], np.ones((10, 12, 1), "uint8")), 3, axis=2)
    paths = []
    for index, image in enumerate(pixels):
        paths.append(str(folder / f"{index}.png"))
        keras.utils.save_img(paths[-1], image, scale=False)
    return paths


@pytest.mark.parametrize("fraction", [None, 0.5])
def test_a_run_predicts_as_its_model_does(trained_run, images, fraction, monkeypatch):
    """On the part of an image that the run was validated on."""
    monkeypatch.setattr(Trained, "crop_fraction", fraction)
    found = predict(PredictSettings(path=trained_run, images=images, top=3))
    trained = load_trained(trained_run)
    for prediction, path in zip(found, images, strict=True):
        ready = kcc.data.prepare_image(
            kcc.data.decode_image_file(path),
            image_size=(32, 32),
            channels=1,
            preprocessing="lenet",
            crop_fraction=fraction,
        )
        shares = trained.model.predict(ready[None], verbose=0)[0]
        assert [index for index, _, _ in prediction.classes] == list(np.argsort(-shares)[:3])
        assert prediction.classes[0][1] == str(shares.argmax())
        assert prediction.classes[0][2] == pytest.approx(shares.max(), abs=1e-6)


@pytest.mark.parametrize("version", [True, False], ids=["version", "folder"])
def test_an_exported_model_predicts_the_same(trained_run, exported, images, version):
    path = exported if version else exported.parent
    served = predict(PredictSettings(path=path, images=images, top=4))
    for mine, theirs in zip(
        served, predict(PredictSettings(path=trained_run, images=images, top=4)), strict=True
    ):
        assert [c[:2] for c in mine.classes] == [c[:2] for c in theirs.classes]
        shares = [share for _, _, share in theirs.classes]
        assert [share for _, _, share in mine.classes] == pytest.approx(shares, abs=1e-5)


def test_logits_become_probabilities(tmp_path, images):
    model = kcc.LeNet5(classifier_activation=None)
    model.save(tmp_path / "logits.keras")
    (found,) = predict(PredictSettings(path=tmp_path / "logits.keras", images=images[:1], top=10))
    assert sum(share for _, _, share in found.classes) == pytest.approx(1.0, abs=1e-5)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(trained_run, images, tmp_path):
    (tmp_path / "text.png").write_text("no image")
    paths = [str(tmp_path / "text.png"), str(tmp_path / "none.png"), images[0]]
    text, none, good = predict(PredictSettings(path=trained_run, images=paths))
    assert "must be a whole PNG" in text.error and "text.png" in text.error
    assert "There is no such file" in none.error and "none.png" in none.error
    assert good.error is None and len(good.classes) == 5
    assert text.classes == []


def test_predictions_read_well(trained_run, images):
    (found,) = predict(PredictSettings(path=trained_run, images=images[:1], top=2))
    lines = str(found).splitlines()
    assert lines[0] == images[0] and len(lines) == 3
    assert lines[1] == f"  {found.classes[0][2]:7.2%}  {found.classes[0][1]}"
    read = json.loads(json.dumps(found.as_json()))
    assert read["classes"][0]["label"] == found.classes[0][1]
    assert read["error"] is None


def test_what_does_not_fit_is_told(exported, images, tmp_path):
    with pytest.raises(ValueError, match="brings its own labels; leave it out"):
        predict(PredictSettings(path=exported, images=images, labels="names.txt"))
    with pytest.raises(ValueError, match="brings its own preprocessing"):
        predict(PredictSettings(path=exported, images=images, preprocessing="torch"))
    with pytest.raises(ValueError, match="Give one image file at least"):
        predict(PredictSettings(path=exported, images=()))
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).export(tmp_path / "s", verbose=0)
    with pytest.raises(ValueError, match="must have the signature serve_uint8"):
        predict(PredictSettings(path=tmp_path / "s", images=images))


def test_a_keras_file_of_free_size_resizes_to_its_architectures(tmp_path, images):
    model = kcc.ResNet20(input_shape=(None, None, 3))
    model.save(tmp_path / "free.keras")
    (found,) = predict(PredictSettings(path=tmp_path / "free.keras", images=images[2:], top=1))
    ready = kcc.data.prepare_image(
        kcc.data.decode_image_file(images[2]),
        image_size=(32, 32),
        channels=3,
        preprocessing="torch",
    )
    shares = model.predict(ready[None], verbose=0)[0]
    assert found.classes[0][0] == shares.argmax()
    assert found.classes[0][2] == pytest.approx(shares.max(), abs=1e-6)


def test_a_foreign_keras_file_of_free_size_is_told_what_to_do(tmp_path, images):
    image = keras.Input((None, None, 3))
    x = keras.layers.Dense(3, "softmax")(keras.layers.GlobalAveragePooling2D()(image))
    keras.Model(image, x).save(tmp_path / "free.keras")
    settings = PredictSettings(path=tmp_path / "free.keras", images=images, preprocessing="tf")
    with pytest.raises(ValueError, match="images of any size .*Give it one and save it again"):
        predict(settings)


def test_a_model_of_free_size_takes_the_image_as_it_is(tmp_path, images):
    """Only fully convolutional models have one; channels are matched all the same."""
    model = kcc.get_model("resnet20", include_top=False, pooling="avg")
    shares = keras.layers.Dense(4, activation="softmax", name="predictions")(model.output)
    model = keras.Model(model.input, shares)
    folder = kcc.export.saved_model(model, tmp_path, preprocessing="torch", labels=list("abcd"))
    (found,) = predict(PredictSettings(path=folder, images=images[2:], top=2))
    pixels = kcc.data.decode_image_file(images[2]).astype("float32")
    expected = model.predict(kcc.preprocessing.preprocess(pixels, "torch")[None], verbose=0)[0]
    assert found.classes[0][2] == pytest.approx(expected.max(), abs=1e-5)
