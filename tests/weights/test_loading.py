"""Weights come from our own files, whole, or all but the head."""

import logging

import numpy as np
import pytest
from harness import images, randomise

import keras_classic_cnns as kcc
from keras_classic_cnns.core.errors import WeightsFileError


@pytest.fixture(scope="module", params=["net.keras", "net.weights.h5"])
def saved(request, tmp_path_factory):
    """A net with weights that matter, and its file."""
    model = kcc.ResNet20()
    randomise(model)
    path = tmp_path_factory.mktemp("weights") / request.param
    model.save(path) if path.suffix == ".keras" else model.save_weights(path)
    return model, path


def test_loads_whole(saved):
    model, path = saved
    x = images(2, 32, 32, 3)
    for argument in (path, str(path)):
        np.testing.assert_array_equal(kcc.ResNet20(weights=argument)(x), model(x))


def test_loads_into_another_size_name_and_activation(saved):
    model, path = saved
    other = kcc.ResNet20(
        weights=path, input_shape=(48, 48, 3), name="mine", classifier_activation="sigmoid"
    )
    for ours, theirs in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_loads_without_the_top(saved):
    model, path = saved
    body = kcc.ResNet20(weights=path, include_top=False)
    for ours, theirs in zip(body.get_weights(), model.get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_other_classes_load_all_but_the_head_and_say_so(saved, caplog):
    model, path = saved
    with caplog.at_level(logging.WARNING):
        other = kcc.ResNet20(weights=path, classes=7)
    for ours, theirs in zip(other.get_weights()[:-2], model.get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert other.output_shape == (None, 7)
    assert "all weights were loaded but those of 'predictions'" in caplog.text


def test_a_file_of_another_net_is_refused(saved):
    _, path = saved
    message = (
        r"does not hold the weights of this model \(resnet32\)|another architecture than resnet32"
    )
    with pytest.raises(ValueError, match=message):
        kcc.ResNet32(weights=path)


def test_an_archive_of_other_layers_with_the_same_shapes_is_refused(tmp_path):
    kcc.PlainNet20().save(tmp_path / "plain.keras")
    with pytest.raises(
        ValueError, match="another architecture than resnet20: .* 'stage1_block1_add'"
    ):
        kcc.ResNet20(weights=tmp_path / "plain.keras")


@pytest.mark.parametrize("name", ["cut.keras", "cut.weights.h5", "text.keras", "text.weights.h5"])
def test_a_damaged_file_is_refused(saved, tmp_path, name):
    _, path = saved
    if name.startswith("cut") and path.name.endswith(name[3:]):
        content = path.read_bytes()[:5000]
    else:
        content = b"not a model"
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsFileError, match=f"cannot be read. .*Received: path=.*{name}"):
        kcc.ResNet20(weights=tmp_path / name)


def test_an_archive_without_weights_is_refused(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "empty.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ValueError, match="without the member 'model.weights.h5'"):
        kcc.ResNet20(weights=tmp_path / "empty.keras")
