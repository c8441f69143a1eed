"""Costs of small graphs, counted by hand."""

import keras
import pytest
from keras import layers

from keras_classic_cnns.analysis import cost


def rows_of(model):
    return {row.name: row for row in cost(model).rows}


def test_counts_by_hand():
    model = keras.Sequential(
        [
            keras.Input((10, 8, 3), name="in"),
            layers.Conv2D(4, (3, 5), strides=2, name="conv"),  # 4x2x4
            layers.DepthwiseConv2D(2, depth_multiplier=2, name="depth"),  # 3x1x8
            layers.SeparableConv2D(5, 1, name="sep"),  # 3x1x5
            layers.BatchNormalization(name="bn"),
            layers.MaxPooling2D((3, 1), name="pool"),  # 1x1x5
            layers.Conv2DTranspose(2, 2, strides=2, name="up"),  # 2x2x2
            layers.Flatten(name="flat"),
            layers.Dense(6, name="dense"),
        ]
    )
    rows = rows_of(model)
    assert rows["conv"].macs == 4 * 2 * (3 * 5 * 3 * 4)
    assert rows["depth"].macs == 3 * 1 * (2 * 2 * 4 * 2)
    assert rows["sep"].macs == 3 * (8 + 8 * 5)
    assert rows["up"].macs == 1 * (2 * 2 * 2 * 5)
    assert rows["dense"].macs == 8 * 6
    assert rows["bn"].macs == 0 and rows["bn"].parameters == 20
    assert [rows[name].activations for name in rows] == [240, 32, 24, 15, 0, 5, 8, 0, 6]
    totals = cost(model).totals
    assert totals.macs == sum(row.macs for row in rows.values())
    assert totals.parameters == model.count_params()
    assert totals.trainable == model.count_params() - 10
    assert totals.activations == 330


def test_receptive_field_by_hand():
    image = keras.Input((64, 64, 1), name="in")
    x = layers.Conv2D(1, 7, strides=2, name="a")(image)  # 7, step 2
    x = layers.MaxPooling2D(3, strides=2, name="b")(x)  # 7 + 2*2 = 11, step 4
    y = layers.Conv2D(1, 3, padding="same", dilation_rate=2, name="c")(x)  # 11 + 2*2*4 = 27
    z = layers.Add(name="d")([x, y])
    out = layers.GlobalAveragePooling2D(name="e")(z)
    rows = rows_of(keras.Model(image, out))
    fields = [rows[name].receptive_field for name in ("in", "a", "b", "c", "d", "e")]
    assert fields == [(1, 1), (7, 7), (11, 11), (27, 27), (27, 27), None]


def test_a_shared_layer_has_its_parameters_once_and_its_work_twice():
    image = keras.Input((4, 4, 2))
    shared = layers.Conv2D(2, 1, use_bias=False, name="shared")
    model = keras.Model(image, shared(shared(image)))
    rows = [row for row in cost(model).rows if row.name == "shared"]
    assert [row.parameters for row in rows] == [4, 0]
    assert [row.macs for row in rows] == [64, 64]
    assert cost(model).totals.parameters == 4


def test_nested_models_are_opened():
    inner = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(2, 3, name="conv")], name="inner"
    )
    image = keras.Input((8, 8, 1))
    model = keras.Model(image, layers.Conv2D(3, 3, name="outer")(inner(image)))
    rows = rows_of(model)
    assert rows["inner/conv"].macs == 36 * 18
    assert rows["outer"].receptive_field == (5, 5)
    # the image is counted once
    assert cost(model).totals.activations == 64 + 36 * 2 + 16 * 3


def test_a_nested_model_sees_what_comes_before_it():
    inner = keras.Sequential(
        [keras.Input((6, 6, 2)), layers.Conv2D(2, 3, name="conv")], name="inner"
    )
    image = keras.Input((8, 8, 1))
    model = keras.Model(image, inner(layers.Conv2D(2, 3, name="outer")(image)))
    assert rows_of(model)["inner/conv"].receptive_field == (5, 5)


def test_channels_first_is_counted_alike():
    image = keras.Input((3, 8, 8))
    model = keras.Model(image, layers.Conv2D(4, 3, data_format="channels_first", name="c")(image))
    assert rows_of(model)["c"].macs == 36 * 27 * 4


def test_counting_leaves_the_model_as_it_was():
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3)])
    cost(model)
    assert model.layers[0].output.shape == (None, 6, 6, 2)


def test_the_table():
    text = str(cost(keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(1000, 3)])))
    lines = text.split("\n")
    assert lines[0].split() == [
        "layer",
        "kind",
        "output",
        "parameters",
        "MACs",
        "activations",
        "sees",
    ]
    assert lines[-1].split() == ["total", "10,000", "36,000", "4,016"]
    assert "2x2x1000" in text


def test_refuses():
    with pytest.raises(ValueError, match="`model` must have fixed sizes.* Received: the output of"):
        cost(keras.Sequential([keras.Input((None, 4, 1)), layers.Conv2D(1, 3)]))
    with pytest.raises(TypeError, match="must be a built functional or sequential model"):
        cost(keras.Sequential([layers.Dense(1)]))
    with pytest.raises(TypeError, match="Received: model=str"):
        cost("model")
