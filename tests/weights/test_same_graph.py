"""What counts as another graph, and what does not."""

import keras
import pytest
from keras import layers

from keras_classic_cnns.weights.same_graph import first_difference


def net(
    strides=1, filters=4, dropout=0.0, activation=None, more=False, swapped=False, kind="Conv2D"
):
    image = x = keras.Input((8, 8, 3), name="image")
    x = getattr(layers, kind)(filters, 3, strides=strides, name="conv")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    branches = [layers.ReLU(name="left")(x), layers.MaxPooling2D(1, name="right")(x)]
    x = layers.Concatenate(name="join")(branches[::-1] if swapped else branches)
    if more:
        x = layers.ReLU(name="more")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(2, activation=activation, name="out")(x))


@pytest.mark.parametrize("options", [{"filters": 8}, {"dropout": 0.5}, {"activation": "softmax"}])
def test_sizes_dropout_and_the_last_activation_are_no_difference(options):
    assert first_difference(net(**options), net()) is None
    assert first_difference(net(), net(**options)) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strides": 2}, "'conv' has strides=[2, 2], not [1, 1]"),
        ({"kind": "SeparableConv2D"}, "'conv' has class=SeparableConv2D, not Conv2D"),
        ({"swapped": True}, "'join' has inputs=['right', 'left'], not ['left', 'right']"),
        ({"more": True}, "'pool' has inputs=['more'], not ['join']"),
    ],
)
def test_the_first_layer_that_differs_is_named(options, message):
    assert first_difference(net(**options), net()) == message


def test_a_layer_too_few_or_too_many():
    body = net()
    without_top = keras.Model(body.input, body.get_layer("pool").output)
    assert first_difference(without_top, body) == "there is no 'out'"
    assert first_difference(body, without_top) == "'out' is a layer more"


def test_a_model_in_training_again_is_the_same(tmp_path):
    model = net(dropout=0.5)
    model.save(tmp_path / "net.keras")
    reloaded = keras.models.load_model(tmp_path / "net.keras")
    reloaded.trainable = False
    assert first_difference(reloaded, model) is None
