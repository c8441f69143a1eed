"""Dense blocks and transitions as functions."""

import keras

from keras_classic_cnns.blocks.dense import dense_stack, transition


def test_transition_halves_and_can_drop():
    x = keras.Input((9, 8, 6))
    model = keras.Model(x, transition(x, 4, dropout=0.1, name="t"))
    assert model.output_shape == (None, 4, 4, 4)
    names = [layer.name for layer in model.layers[1:]]
    assert names == ["t_bn", "t_relu", "t_conv", "t_dropout", "t_pool"]


def test_compression_rounds_down():
    x = keras.Input((8, 8, 4))
    model = keras.Model(x, dense_stack(x, (1, 1), 3, compression=0.5))
    assert model.get_layer("stage2_transition_conv").filters == 3  # of 7
    assert model.output_shape == (None, 4, 4, 6)
    assert model.layers[-1].name == "stage2_relu"


def test_without_compression_all_channels_are_passed_on():
    x = keras.Input((8, 8, 4))
    model = keras.Model(x, dense_stack(x, (1, 1), 3, bottleneck=False, compression=1))
    assert model.get_layer("stage2_transition_conv").filters == 7
