"""The graph of a model, found and walked."""

import keras

from keras_classic_cnns.core import graph


def small():
    image = keras.Input((4,), name="image")
    left = keras.layers.Dense(4, name="left")(image)
    total = keras.layers.Add(name="total")([image, left])
    return keras.Model(image, keras.layers.Dense(2, name="last")(total))


def test_calls_come_in_order_with_what_they_take_and_give():
    model = small()
    calls = graph.nodes(model)
    assert [node.operation.name for node in calls] == ["image", "left", "total", "last"]
    image, left, total, last = calls
    assert total.arguments.keras_tensors == [image.outputs[0], left.outputs[0]]
    assert last.outputs[0] is model.outputs[0]


def test_a_shared_layer_is_called_as_often_as_it_stands_there():
    image = keras.Input((4,))
    layer = keras.layers.Dense(4)
    assert [n.operation for n in graph.nodes(keras.Model(image, layer(layer(image))))][1:] == [
        layer,
        layer,
    ]


def test_where_the_graph_is():
    model = small()
    assert graph.functional(model) is model
    sequential = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    assert [n.operation.name for n in graph.nodes(graph.functional(sequential))][1:] == [
        sequential.layers[0].name
    ]
    for other in (keras.Sequential(), keras.layers.Dense(2), "resnet50", None):
        assert graph.functional(other) is None
