"""Weights find their layer by its name: with other heads, with dropout, and all or nothing."""

import logging
import zipfile

import h5py
import keras
import numpy as np
import pytest
from harness import randomise
from keras import layers

import keras_classic_cnns as kcc
from keras_classic_cnns.layers import AuxiliaryClassifier, ScheduledDropPath
from keras_classic_cnns.weights import load_weights

FORMATS = pytest.mark.parametrize("ending", [".keras", ".weights.h5"])


def _saved(model, path):
    randomise(model)
    model.save(path) if path.suffix == ".keras" else model.save_weights(path)
    return path


def _weights(model):
    """The arrays of a model by path."""
    return {weight.path: weight.numpy() for weight in model.weights}


def _check_equal(ours, theirs, but=()):
    """All weights of `ours` are those of the same path, but for the layers in `but`."""
    theirs = _weights(theirs)
    for path, array in _weights(ours).items():
        if path.split("/")[0] not in but:
            np.testing.assert_array_equal(array, theirs[path], err_msg=path)


def _named(caplog):
    """The layers that the warning says start at random."""
    [record] = [record for record in caplog.records if record.name.endswith("weights.loading")]
    return record.getMessage().split("those of ")[1].split(", which")[0]


def _toy(classes=10, aux=False, drop=False, steps=None):
    """A small net with a head of two layers, as `(model, head)`."""
    image = keras.Input((4, 4, 3))
    x = trunk = layers.Conv2D(4, 1, name="stem_conv")(image)
    if drop:
        x = layers.Dropout(0.5, name="stage1_dropout")(x)
        x = ScheduledDropPath(0.5, total_steps=steps, name="stage1_drop")(x)
    x = body = layers.Conv2D(4, 1, name="stage1_conv")(x)
    x = layers.Dense(5, name="fc7")(layers.Flatten()(x))
    x = layers.Dense(classes, name="predictions")(x)
    if aux:
        y = layers.Conv2D(2, 1, name="aux1_conv")(trunk)
        x = [x, AuxiliaryClassifier(classes, name="aux1")(layers.Flatten()(y))]
    model = keras.Model(image, x, name="toy")
    inner = keras.Model(image, body).layers
    return model, [layer for layer in model.layers if layer not in inner]


@FORMATS
@pytest.mark.parametrize("ours", [{}, {"aux": True}])
@pytest.mark.parametrize("theirs", [{}, {"aux": True}])
@pytest.mark.parametrize("classes", [10, 7])
def test_only_what_does_not_fit_starts_at_random(tmp_path, caplog, ours, theirs, classes, ending):
    model, _ = _toy(**theirs)
    path = _saved(model, tmp_path / f"net{ending}")
    other, head = _toy(**ours, classes=classes)
    with caplog.at_level(logging.WARNING):
        load_weights(other, path, head)
    missing = {"aux1_conv", "aux1"} if ours and not theirs else set()
    misfits = {layer for layer in ("predictions", *(["aux1"] if ours else [])) if classes != 10}
    _check_equal(other, model, but=missing | misfits)
    if missing | misfits:
        assert set(_named(caplog).split(", ")) == {repr(x) for x in missing | misfits}
    else:
        assert not caplog.records


def test_the_warning_says_what_does_not_fit(tmp_path, caplog):
    path = _saved(_toy()[0], tmp_path / "net.keras")
    model, head = _toy(classes=7, aux=True)
    with caplog.at_level(logging.WARNING):
        load_weights(model, path, head)
    assert "the file has no layer 'aux1_conv'" in caplog.text
    assert "'predictions' have the shapes [(5, 7), (7,)], in the file [(5, 10)" in caplog.text


def test_a_net_with_three_layers_in_its_head_keeps_two_of_another_with_other_classes(
    tmp_path, caplog
):
    shape = (55, 55, 3)
    model = kcc.AlexNet(classes=5, input_shape=shape)
    model.save_weights(tmp_path / "net.weights.h5")
    with caplog.at_level(logging.WARNING):
        other = kcc.AlexNet(classes=7, input_shape=shape, weights=tmp_path / "net.weights.h5")
    _check_equal(other, model, but=["predictions"])
    assert _named(caplog) == "'predictions'"


@FORMATS
def test_auxiliary_heads_of_the_file_do_not_hinder(tmp_path, caplog, ending):
    options = {"variant": "bn", "classes": 3}
    model = kcc.GoogLeNet(**options, aux_heads=True, weights=None)
    path = _saved(model, tmp_path / f"net{ending}")
    with caplog.at_level(logging.WARNING):
        _check_equal(kcc.GoogLeNet(**options, weights=path), model)
    assert "at random" not in caplog.text


def test_the_classifier_starts_at_random_where_the_file_is_a_body(tmp_path, caplog):
    model = kcc.ResNet20(include_top=False)
    path = _saved(model, tmp_path / "net.keras")
    with caplog.at_level(logging.WARNING):
        _check_equal(kcc.ResNet20(weights=path), model, but=["predictions"])
    assert _named(caplog) == "'predictions'"


def test_a_file_with_dropout_loads_into_a_net_without_and_the_other_way_round(tmp_path):
    dropped, plain = kcc.WideResNet(n=10, k=1, dropout=0.3), kcc.WideResNet(n=10, k=1)
    path = _saved(dropped, tmp_path / "dropped.keras")
    _check_equal(kcc.WideResNet(n=10, k=1, weights=path), dropped)
    path = _saved(plain, tmp_path / "plain.keras")
    _check_equal(kcc.WideResNet(n=10, k=1, dropout=0.3, weights=path), plain)


@FORMATS
@pytest.mark.parametrize("ours", [{}, {"drop": True}, {"drop": True, "steps": 9}])
@pytest.mark.parametrize("theirs", [{}, {"drop": True}, {"drop": True, "steps": 9}])
def test_layers_that_only_act_in_training_do_not_matter(tmp_path, caplog, ours, theirs, ending):
    model, _ = _toy(**theirs)
    path = _saved(model, tmp_path / f"net{ending}")
    other, head = _toy(**ours)
    with caplog.at_level(logging.WARNING):
        load_weights(other, path, head)
    _check_equal(other, model, but=["stage1_drop"])
    assert not caplog.records


def test_the_steps_of_drop_path_go_on_where_they_stopped(tmp_path):
    model, _ = _toy(drop=True, steps=9)
    model.get_layer("stage1_drop").step.assign(5)
    model.save(tmp_path / "net.keras")
    other, head = _toy(drop=True, steps=9)
    load_weights(other, tmp_path / "net.keras", head)
    assert int(other.get_layer("stage1_drop").step) == 5


@FORMATS
@pytest.mark.parametrize(
    ("ours", "theirs", "layer"),
    [
        ("ResNet20", "PlainNet20", "stage1_block1_add"),
        ("ResNet20", "ResNet32", "stage1_block4_add"),
    ],
)
def test_layers_that_act_in_use_matter(tmp_path, ours, theirs, layer, ending):
    path = _saved(getattr(kcc, theirs)(), tmp_path / f"net{ending}")
    message = f"another architecture than {ours.lower()}: only one of them has the layer '{layer}'"
    with pytest.raises(ValueError, match=message):
        getattr(kcc, ours)(weights=path)


def test_a_body_of_other_widths_is_refused_with_the_shapes(tmp_path):
    path = _saved(kcc.WideResNet(n=10, k=2), tmp_path / "net.keras")
    message = (
        r"does not hold the weights of this model \(wideresnet\): the weights of "
        r"'stage1_block1_conv1' have the shapes \[\(3, 3, 16, 64\)\], in the file "
        r"\[\(3, 3, 16, 32\)\]. Received: weights="
    )
    with pytest.raises(ValueError, match=message):
        kcc.WideResNet(n=10, k=4, weights=path)


@pytest.mark.parametrize("net", ["densenet40_12", "squeezenet11", "googlenet", "lenet5"])
def test_sublayers_are_found(tmp_path, net):
    model = kcc.get_model(net, classes=4, weights=None)
    path = _saved(model, tmp_path / "net.weights.h5")
    _check_equal(kcc.get_model(net, classes=4, weights=path), model)


@FORMATS
def test_the_first_kernel_is_adapted_on_request(tmp_path, ending):
    model = kcc.ResNet20(classes=4, weights=None)
    path = _saved(model, tmp_path / f"net{ending}")
    grey = {"weights": path, "input_shape": (32, 32, 1), "classes": 4}
    with pytest.raises(ValueError, match=r"'stem_conv' have the shapes.*`adapt_input=True` adapts"):
        kcc.ResNet20(**grey)
    ours = kcc.ResNet20(**grey, adapt_input=True)
    _check_equal(ours, model, but=["stem_conv"])
    kernel = model.get_layer("stem_conv").kernel.numpy()
    expected = kernel.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(ours.get_layer("stem_conv").kernel, expected, rtol=1e-6)


def test_only_the_first_kernel_may_have_other_channels(tmp_path):
    def net(filters):
        image = keras.Input((4, 4, 1))
        x = layers.Conv2D(filters, 1, name="stem_conv")(image)
        return keras.Model(image, layers.Conv2D(4, 1, name="stage1_conv")(x))

    path = _saved(net(3), tmp_path / "net.weights.h5")
    with pytest.raises(ValueError, match="have the shapes") as caught:
        load_weights(net(4), path, [], adapt_input=True)
    assert "adapt_input" not in str(caught.value)


@FORMATS
def test_the_name_of_the_model_and_of_one_around_it_do_not_matter(tmp_path, ending):
    model = kcc.ResNet20(name="mine", input_shape=(None, None, 3))
    image = keras.Input((40, 40, 3))
    around = keras.Model(image, model(layers.Rescaling(2.0)(image)))
    path = _saved(around, tmp_path / f"net{ending}")
    _check_equal(kcc.ResNet20(weights=path), model)


def test_a_trained_and_partly_frozen_net_is_loaded(tmp_path):
    model, head = _toy()
    model.get_layer("stem_conv").trainable = False
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.zeros((2, 4, 4, 3)), np.zeros((2, 10)), verbose=0)
    path = _saved(model, tmp_path / "net.keras")
    other, head = _toy()
    load_weights(other, path, head)
    _check_equal(other, model)


@FORMATS
def test_a_file_in_bfloat16_is_loaded(tmp_path, ending):
    model = kcc.ResNet20()
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("bfloat16")
        path = _saved(kcc.ResNet20(), tmp_path / f"net{ending}")
    finally:
        keras.config.set_dtype_policy(before)
    randomise(model)
    for ours, theirs in zip(kcc.ResNet20(weights=path).weights, model.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2**-8)


def _change(path, change):
    """Changes the HDF5 part of a file."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        inner = path.with_name("inner.h5")
        inner.write_bytes(parts["model.weights.h5"])
        _change(inner, change)
        parts["model.weights.h5"] = inner.read_bytes()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return
    with h5py.File(path, "a") as file:
        change(file["layers/dense/vars"])


def _text(group):
    del group["1"]
    group["1"] = np.full(10, b"x")


def _outside(group):
    del group["1"]
    group.create_dataset("1", (10,), "float32", external=[("/dev/zero", 0, 40)])


def _link(group):
    del group["1"]
    group["1"] = h5py.ExternalLink("other.h5", "/x")


@FORMATS
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_text, "'dense/vars/1' holds .*, which is no type of a weight"),
        (_outside, "'dense/vars/1' has its numbers in another file"),
        (_link, "does not itself hold '1'"),
    ],
)
def test_nothing_changes_where_the_last_array_cannot_be_read(tmp_path, change, message, ending):
    path = _saved(kcc.ResNet20(), tmp_path / f"net{ending}")
    _change(path, change)
    model = kcc.ResNet20()
    before = _weights(model)
    with pytest.raises(ValueError, match=f"{message}. Received: path="):
        load_weights(model, path, model.layers[-2:])
    for name, array in _weights(model).items():
        np.testing.assert_array_equal(array, before[name])


def test_a_file_without_names_of_layers_is_refused_with_advice(tmp_path):
    path = _saved(kcc.ResNet20(), tmp_path / "net.weights.h5")

    def forget(place, group):
        if place.endswith("vars"):
            group.attrs.pop("name", None)

    with h5py.File(path, "a") as file:
        file["layers"].visititems(forget)
    with pytest.raises(ValueError, match="an older Keras wrote it. Build the model without"):
        kcc.ResNet20(weights=path)
