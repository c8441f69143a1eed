"""The shape of a net's input, from arguments or defaults."""

import keras
import pytest

from keras_classic_cnns.application import image_input

RULES = {"default": (32, 32, 3), "minimum_size": 16, "needs_size": False}


@pytest.mark.parametrize(
    "shape, tensor, expected",
    [
        (None, None, (32, 32, 3)),
        ([20, 24, 1], None, (20, 24, 1)),
        ((None, None, 4), None, (None, None, 4)),
        (None, (40, 48, 2), (40, 48, 2)),
        ((40, None, 2), (40, 48, 2), (40, 48, 2)),
        ((40, 48, 2), (None, None, 2), (None, None, 2)),
    ],
)
def test_resolves(shape, tensor, expected):
    tensor = None if tensor is None else keras.Input(tensor)
    assert image_input.input_shape_of(shape, tensor, **RULES) == expected


@pytest.mark.parametrize(
    "shape, tensor, message",
    [
        ((15, 16, 3), None, "Input size must be at least 16x16"),
        (None, (8, 8, 3), "Input size must be at least 16x16"),
        ((16, 16), (16, 16, 3), "`input_shape` contradicts the shape"),
        ((16, 16, 1), (16, 16, 3), "`input_shape` contradicts the shape"),
        ((16, 0, 3), None, "`input_shape` must be at least 1"),
    ],
)
def test_refuses(shape, tensor, message):
    tensor = None if tensor is None else keras.Input(tensor)
    with pytest.raises(ValueError, match=message):
        image_input.input_shape_of(shape, tensor, **RULES)


def test_a_classifier_that_flattens_needs_a_size():
    rules = {**RULES, "needs_size": True}
    with pytest.raises(ValueError, match="must give height and width"):
        image_input.input_shape_of((None, 32, 3), None, **rules)


def test_sources():
    one, two = keras.Input((4,)), keras.Input((4,))
    assert image_input.sources_of(one) is one
    assert len(image_input.sources_of(keras.layers.Add()([one, two]))) == 2
