"""Auxiliary heads train in plain `fit`, and leave again."""

from dataclasses import dataclass

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

import keras_classic_cnns as kcc
from keras_classic_cnns.application import AuxiliaryHead, aux_heads_option
from keras_classic_cnns.application.auxiliary import auxiliary_outputs


def _body(x, name):
    return keras.layers.GlobalAveragePooling2D(name=f"{name}_pool")(x)


HEADS = (AuxiliaryHead("aux1", "stem_relu", _body, 0.3),)


@pytest.fixture
def model():
    """ResNet-20 with a head on its stem, as a family with `aux_heads` builds it."""
    plain = kcc.ResNet20(input_shape=(8, 8, 3))
    outputs = auxiliary_outputs(plain, HEADS, 10, "softmax", None)
    return keras.Model(plain.inputs, {"predictions": plain.output, **outputs}, name="resnet20")


def data(size=16):
    x, y = images(size, 8, 8, 3), np.arange(size) % 10
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(8)


def test_fit_evaluate_and_reload(model, tmp_path):
    weights = kcc.aux_loss_weights(model)
    assert weights == {"predictions": 1.0, "aux1": 0.3}
    model.compile("sgd", dict.fromkeys(weights, "sparse_categorical_crossentropy"), weights)
    history = model.fit(kcc.with_aux_labels(data(), model), verbose=0).history
    total = history["predictions_loss"][0] + 0.3 * history["aux1_loss"][0]
    np.testing.assert_allclose(history["loss"][0], total, rtol=1e-5)
    model.save(tmp_path / "aux.keras")
    again = keras.saving.load_model(tmp_path / "aux.keras", safe_mode=True)
    assert kcc.aux_loss_weights(again) == weights
    x = images(2, 8, 8, 3)
    np.testing.assert_allclose(
        kcc.without_aux(again).predict(x, verbose=0), model.predict(x, verbose=0)["predictions"]
    )


def test_without_aux_shares_layers_and_weights(model):
    plain = kcc.without_aux(model)
    assert plain.name == model.name
    assert plain.output_shape == (None, 10)
    assert not any(layer.name.startswith("aux1") for layer in plain.layers)
    assert plain.get_layer("predictions").kernel is model.get_layer("predictions").kernel
    assert kcc.without_aux(plain) is plain


def test_export_drops_auxiliary_heads(model, tmp_path):
    folder = kcc.export.saved_model(model, tmp_path / "served")
    assert kcc.export.check(folder)["classes"] == 10


def test_labels_and_sample_weights_go_to_every_output(model):
    weighted = data().map(lambda x, y: (x, y, tf.ones_like(y)))
    x, labels, weights = next(iter(kcc.with_aux_labels(weighted, model)))
    assert set(labels) == set(weights) == {"predictions", "aux1"}
    np.testing.assert_array_equal(labels["aux1"], labels["predictions"])


def test_a_model_without_heads_keeps_its_dataset():
    plain, dataset = kcc.ResNet20(input_shape=(8, 8, 3)), data()
    assert kcc.aux_loss_weights(plain) == {"predictions": 1.0}
    assert kcc.with_aux_labels(dataset, plain) is dataset


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ((np.ones(3), np.ones(3)), "`dataset` must be a tf.data.Dataset"),
        (tf.data.Dataset.range(3), r"must yield \(images, labels\)"),
        (tf.data.Dataset.from_tensors((1, {"predictions": 1})), "the same labels for every"),
    ],
)
def test_datasets_that_do_not_fit(model, dataset, message):
    with pytest.raises(TypeError, match=message):
        kcc.with_aux_labels(dataset, model)


@pytest.mark.parametrize("depth", [1, 2])
def test_heads_of_a_model_inside_another_are_not_overlooked(model, depth):
    wrapped = model
    for number in range(depth):
        image = keras.Input((8, 8, 3))
        wrapped = keras.Model(image, wrapped(keras.layers.RandomFlip()(image)), name=f"w{number}")
    message = rf"inside of its layer '{wrapped.layers[-1].name}'.* Received: model='{wrapped.name}'"
    for call in (
        lambda: kcc.aux_loss_weights(wrapped),
        lambda: kcc.with_aux_labels(data(), wrapped),
        lambda: kcc.without_aux(wrapped),
        lambda: kcc.without_aux(keras.Sequential([wrapped])),
    ):
        with pytest.raises(TypeError, match="`model` has auxiliary heads inside of its layer"):
            call()
    with pytest.raises(TypeError, match=message):
        kcc.without_aux(wrapped)


def test_a_wrapped_model_whose_heads_are_no_outputs_is_taken_as_it_is(model):
    image = keras.Input((8, 8, 3))
    for output in (kcc.ResNet20(input_shape=(8, 8, 3))(image), model(image)["predictions"]):
        wrapped = keras.Model(image, output)
        assert kcc.without_aux(wrapped) is wrapped
        assert kcc.aux_loss_weights(wrapped) == {"predictions": 1.0}


def test_models_without_a_graph():
    """They have no auxiliary heads, and their outputs have no names to give a weight to."""
    model = keras.Sequential()
    assert kcc.without_aux(model) is model
    with pytest.raises(TypeError, match="must be a functional keras.Model. Received: model=<"):
        kcc.aux_loss_weights(model)
    with pytest.raises(TypeError, match="must be a keras.Model. Received: model='resnet50'"):
        kcc.without_aux("resnet50")


def test_the_option_is_off():
    @dataclass(frozen=True)
    class Config:
        aux_heads: bool = aux_heads_option()

    assert Config().aux_heads is False
