"""LeNet-5 as it comes with the package."""

import hashlib
import json
import logging
import shutil

import numpy as np
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns import data
from keras_classic_cnns.weights import bundled

RECORD = json.loads((bundled._FOLDER / "lenet5_digits.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def trained():
    return kcc.LeNet5(weights="digits")


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The bundled files, where a test may change them."""
    shutil.copytree(bundled._FOLDER, tmp_path / "bundled")
    monkeypatch.setattr(bundled, "_FOLDER", tmp_path / "bundled")
    return tmp_path / "bundled"


def test_it_reads_the_test_digits_as_well_as_recorded(trained, tmp_path):
    source = data.load("digits", "test", data_dir=tmp_path)
    images, labels = next(
        data.eval_batches(
            source,
            image_size=tuple(RECORD["input_shape"][:2]),
            channels=1,
            preprocessing=RECORD["preprocessing"],
            batch_size=360,
        ).as_numpy_iterator()
    )
    right = trained.predict(images, verbose=0).argmax(axis=1) == labels
    assert len(labels) == RECORD["top1"]["images"]
    assert np.mean(right) == pytest.approx(RECORD["top1"]["accuracy"], abs=1.5 / 360)
    assert RECORD["top1"]["accuracy"] > 0.97


def test_the_record_tells_the_file_and_how_it_was_made():
    content = (bundled._FOLDER / RECORD["file"]).read_bytes()
    assert len(content) == RECORD["bytes"] < 300_000
    assert hashlib.sha256(content).hexdigest() == RECORD["sha256"]
    assert {"recipe", "epochs", "seed", "date", "versions"} <= RECORD["training"].keys()


def test_a_damaged_file_is_refused(copy):
    path = copy / RECORD["file"]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(
        ValueError, match="not the one that came with the package.*weights='digits'"
    ):
        kcc.LeNet5(weights="digits")


def test_the_other_variant_has_none():
    with pytest.raises(
        ValueError, match=r"belong to variant='modern'; there are none for variant="
    ):
        kcc.LeNet5(weights="digits", variant="1998")


def test_the_default_is_a_random_start(trained):
    assert not np.array_equal(kcc.LeNet5().get_weights()[0], trained.get_weights()[0])


def test_other_classes_load_the_body_and_say_so(trained, caplog):
    with caplog.at_level(logging.WARNING):
        other = kcc.LeNet5(weights="digits", classes=26)
    for name in ("stage1_c1", "stage2_c3", "stage3_c5"):
        np.testing.assert_array_equal(other.get_layer(name).kernel, trained.get_layer(name).kernel)
    assert "all weights were loaded but those of" in caplog.text


def test_without_its_top_it_is_the_same_body(trained):
    body = kcc.LeNet5(weights="digits", include_top=False)
    for ours, theirs in zip(body.get_weights(), trained.get_weights(), strict=False):
        np.testing.assert_array_equal(ours, theirs)


def test_other_models_and_tags_are_refused():
    with pytest.raises(ValueError, match="LeNet5 has no weights of this name. It has 'digits'."):
        kcc.LeNet5(weights="mnist")
    with pytest.raises(ValueError, match="no public weights for FractalNet20.*weights='digits'"):
        kcc.FractalNet20(weights="digits")
