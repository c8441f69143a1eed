"""Dense blocks and transitions."""

import keras
import pytest

from keras_classic_cnns.blocks.dense import dense_stack, transition


def names(model):
    return [layer.name for layer in model.layers[1:]]


def test_a_transition_normalises_convolves_and_averages():
    maps = keras.Input((8, 9, 6))
    model = keras.Model(maps, transition(maps, 3, dropout=0.2, name="t"))
    assert names(model) == ["t_bn", "t_relu", "t_conv", "t_dropout", "t_pool"]
    assert model.output_shape == (None, 4, 4, 3)
    assert isinstance(model.get_layer("t_pool"), keras.layers.AveragePooling2D)


@pytest.mark.parametrize("compression", [1.0, 0.5])
def test_a_stack_compresses_between_its_blocks_and_rounds_down(compression):
    maps = keras.Input((8, 8, 16))
    x = dense_stack(maps, (2, 3), 3, compression=compression)
    model = keras.Model(maps, x)
    # 16 + 2 * 3 = 22 channels go into the transition
    assert model.get_layer("stage2_transition_conv").filters == int(compression * 22)
    assert model.output_shape == (None, 4, 4, int(compression * 22) + 9)
    assert names(model)[-2:] == ["stage2_bn", "stage2_relu"]


def test_without_dropout_there_is_no_such_layer():
    maps = keras.Input((8, 8, 16))
    model = keras.Model(maps, dense_stack(maps, (1, 1), 4))
    assert not any(isinstance(layer, keras.layers.Dropout) for layer in model.layers)
