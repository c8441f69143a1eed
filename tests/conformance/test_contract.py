"""The contract of keras.applications, over the registry.

The checks named `keras_...` are those of Keras's own `applications_test.py`, written afresh; the
others are where this package is stricter.
"""

import importlib
import inspect
import re

import keras
import numpy as np
import pytest
from cases import MANY, MODELS, USUAL
from goldens.models_file import read_goldens
from harness import without_values

import keras_classic_cnns as kcc
from keras_classic_cnns.weights.catalog import default_weights

QUICK = {parameter.values[0].name for parameter in USUAL if not parameter.marks}
EVERY = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.exhaustive)
    for name in kcc.list_models()
]
GOLDENS = read_goldens()
SHARED = (
    "include_top",
    "weights",
    "input_tensor",
    "input_shape",
    "pooling",
    "classes",
    "classifier_activation",
    "name",
)


def builder(name):
    return getattr(kcc, kcc.get_spec(name).constructor)


def _channels(name):
    return list(GOLDENS[name].rows[0]["endpoints"].values())[-1][-1]


@pytest.mark.parametrize("name", EVERY)
def test_keras_variable_input_channels(name):
    for channels in (1, 4):
        with without_values():
            model = builder(name)(
                weights=None, include_top=False, input_shape=(None, None, channels)
            )
        assert list(model.outputs[0].shape) == [None, None, None, _channels(name)]


@pytest.mark.parametrize("name", EVERY)
def test_keras_custom_input_shape(name):
    with without_values():
        model = builder(name)(weights=None, include_top=False, input_shape=(123, 123, 3))
    assert model.output_shape[-1] == _channels(name)


@pytest.mark.parametrize("name", EVERY)
def test_keras_custom_input_tensor(name):
    image = keras.Input((200, 200, 4), name="custom_input")
    x = keras.layers.Conv2D(3, (2, 2), strides=(2, 2), padding="valid")(image)
    with without_values():
        model = builder(name)(weights=None, include_top=False, input_tensor=x)
    assert model.output_shape[-1] == _channels(name)
    assert model.input is image


@pytest.mark.parametrize("name", EVERY)
def test_keras_pooling(name):
    for pooling in ("max", "avg"):
        with without_values():
            model = builder(name)(weights=None, include_top=False, pooling=pooling)
        assert model.output_shape == (None, _channels(name))


@pytest.mark.parametrize("case", MANY)
def test_keras_serialize_round_trip(case):
    shape = (case.size, case.size, case.channels)
    model = kcc.get_model(case.name, input_shape=shape, **case.options, weights=None)
    config = keras.saving.serialize_keras_object(model)
    assert len(keras.saving.deserialize_keras_object(config).weights) == len(model.weights)


@pytest.mark.parametrize("name", kcc.list_models())
def test_signature_and_help(name):
    function = builder(name)
    signature = inspect.signature(function)
    names = list(signature.parameters)
    assert tuple(names[:8]) == SHARED
    assert all(
        signature.parameters[option].kind is inspect.Parameter.KEYWORD_ONLY for option in names[8:]
    )
    for argument in names:
        assert f"\n        {argument}: " in function.__doc__
    assert kcc.get_spec(name).paper.link in function.__doc__
    assert kcc.registry.get_builder(name) is function
    default = signature.parameters["weights"].default
    assert default == default_weights(kcc.get_spec(name))
    assert f"the default is `{default!r}`" in function.__doc__


@pytest.mark.parametrize("family", sorted({kcc.get_spec(n).family for n in kcc.list_models()}))
def test_family_module_preprocesses_and_decodes(family):
    module = getattr(kcc.models, family)
    image = np.full((1, 4, 4, 3), 255.0, "float32")
    before = image.copy()
    assert module.preprocess_input(image).shape == image.shape
    np.testing.assert_array_equal(image, before)
    with pytest.raises(ValueError, match=r"`preds` must be of shape \(batch, 1000\)"):
        module.decode_predictions(np.ones((1, 7)))


def modules_of(families):
    """The modules of layers and blocks that families are made of."""
    found = set()
    waiting = [f"keras_classic_cnns.models.{family}" for family in families]
    while waiting:
        names = {
            getattr(value, "__module__", None) or ""
            for value in vars(importlib.import_module(waiting.pop())).values()
        }
        parts = {name for name in names if re.match(r"keras_classic_cnns\.(blocks|layers)\.", name)}
        waiting += parts - found
        found |= parts
    return found


def test_the_usual_nets_have_all_blocks_and_layers_of_the_others():
    usual = [parameter.values[0] for parameter in USUAL if not parameter.marks]
    families, every = (
        {kcc.get_spec(case.name).family for case in cases} for cases in (usual, MODELS)
    )
    assert "keras_classic_cnns.layers.grouped_conv" in modules_of(["resnext"])
    assert modules_of(families) == modules_of(every)


REFUSED = [
    ({"pooling": "median"}, ValueError, r"`pooling` must be one of None, 'avg', 'max'"),
    ({"pooling": 1}, ValueError, r"`pooling` must be one of"),
    ({"classes": 0}, ValueError, r"`classes` must be at least 1. Received: classes=0"),
    ({"classes": 10.0}, TypeError, r"`classes` must be an integer. Received: classes=10.0"),
    ({"classes": True}, TypeError, r"`classes` must be an integer"),
    ({"include_top": "yes"}, TypeError, r"`include_top` must be True or False"),
    ({"input_shape": (7, 7, 3)}, ValueError, r"Input size must be at least \d+x\d+. Received: inp"),
    ({"input_shape": (64, 64)}, ValueError, r"`input_shape` must be a tuple of three integers"),
    ({"input_shape": 64}, ValueError, r"`input_shape` must be a tuple of three integers"),
    ({"input_shape": (64, 64, None)}, ValueError, r"`input_shape` must give the channels"),
    ({"input_shape": (64.0, 64, 3)}, TypeError, r"`input_shape` must be an integer"),
    (
        {"input_tensor": np.ones((1, 64, 64, 3))},
        ValueError,
        r"`input_tensor` must be a KerasTensor",
    ),
    (
        {"input_tensor": keras.Input((64,))},
        ValueError,
        r"`input_tensor` must be of shape \(batch, h",
    ),
    (
        {"input_tensor": keras.Input((7, 7, 3)), "include_top": False},
        ValueError,
        r"Input size must be at least",
    ),
    (
        {"input_tensor": keras.Input((400, 400, 3)), "input_shape": (96, 96, 3)},
        ValueError,
        r"`input_shape` contradicts the shape \(400, 400, 3\) of `input_tensor`",
    ),
    (
        {"classifier_activation": "bump"},
        ValueError,
        r"`classifier_activation` must be None, the na",
    ),
    ({"weights": "nobodys"}, ValueError, r"has no weights of this name|no public weights for \w+"),
    ({"weights": "missing.keras"}, ValueError, r"The file of `weights` does not exist"),
    ({"weights": 3}, TypeError, r"the name of public weights. Received: weights=3"),
    ({"adapt_input": 1}, TypeError, r"`adapt_input` must be True or False"),
    ({"name": 3}, TypeError, r"`name` must be a string. Received: name=3"),
    ({"nonsense": 3}, TypeError, r"has no argument `nonsense`. Its arguments are include_top, wei"),
]


@pytest.mark.parametrize("arguments, error, message", REFUSED, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("name", kcc.list_models())
def test_refuses(name, arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        builder(name)(**arguments)
    assert "Received: " in str(caught.value)


@pytest.mark.parametrize("name", kcc.list_models())
def test_refuses_a_wrong_option(name):
    for option in kcc.get_spec(name).options:
        with pytest.raises(
            (ValueError, TypeError), match=f"`{option}` must be .* Received: {option}="
        ):
            builder(name)(**{option: -1})


def test_refuses_channels_first():
    keras.config.set_image_data_format("channels_first")
    with pytest.raises(ValueError, match="supports channels_last only"):
        kcc.ResNet20()


def test_too_many_positional_arguments():
    with pytest.raises(TypeError, match=r"ResNet20\(\): too many positional arguments"):
        kcc.ResNet20(True, None, None, None, None, 10, "softmax", "name", "A")


@pytest.mark.parametrize("case", MANY)
def test_two_of_a_kind_in_one_model(case, tmp_path):
    shape = (case.size, case.size, case.channels)
    left, right = (
        kcc.get_model(case.name, input_shape=shape, name=name, **case.options, weights=None)
        for name in ("left", "right")
    )
    image = keras.Input(shape)
    model = keras.Model(image, [left(image), right(image)])
    model.save(tmp_path / "two.keras")
    again = keras.saving.load_model(tmp_path / "two.keras", safe_mode=True)
    assert [layer.name for layer in again.layers[1:]] == ["left", "right"]
    for name in ("left", "right"):  # each has its own weights back
        pairs = zip(again.get_layer(name).weights, model.get_layer(name).weights, strict=True)
        assert all(np.array_equal(mine, theirs) for mine, theirs in pairs)


@pytest.mark.parametrize("case", USUAL)
def test_a_net_takes_any_size_without_a_classifier(case):
    model = kcc.get_model(case.name, include_top=False, **case.options, weights=None)
    smallest = kcc.get_spec(case.name).minimum_size
    for size in (max(64, smallest), max(75, smallest + 1)):
        features = model(np.zeros((1, size, size, case.channels), "float32"))
        assert np.all(np.isfinite(features))


def test_lists_and_tuples_and_activations_are_taken():
    model = kcc.ResNet20(input_shape=[16, 24, 1], classifier_activation=keras.ops.sigmoid)
    assert model.input_shape == (None, 16, 24, 1)
    assert kcc.ResNet20(classifier_activation=None).layers[-1].activation.__name__ == "linear"
