"""Cells: values that describe them, and the graph that is built."""

import dataclasses

import keras
import numpy as np
import pytest
from harness import images, randomise

from keras_classic_cnns.blocks.cell import (
    NASNET_A,
    Cell,
    Genotype,
    build_cell,
    factorized_reduction,
)

DARTS_NASNET = Genotype(  # what DARTS calls NASNet: h1 is not part of the output
    normal=dataclasses.replace(NASNET_A.normal, concat=(2, 3, 4, 5, 6)),
    reduction=dataclasses.replace(NASNET_A.reduction, concat=(4, 5, 6)),
)
SEP = ("sep_conv_3x3", 0)


def build(cell, size=8, channels=4, previous=None, filters=4, **options):
    """A model of one cell; `previous` is the shape of h1's input."""
    inputs = [keras.Input((size, size, channels))]
    if previous is not None:
        inputs.append(keras.Input(previous))
    y = build_cell(inputs[0], inputs[-1] if previous else None, cell, filters, name="c", **options)
    return keras.Model(inputs if previous else inputs[0], y)


def names(model):
    return {layer.name for layer in model.layers}


def test_nasnet_concatenates_h1_and_darts_does_not():
    normal = build(NASNET_A.normal, previous=(8, 8, 6))
    assert normal.output_shape == (None, 8, 8, 6 * 4)
    assert build(NASNET_A.reduction, strides=2).output_shape == (None, 4, 4, 4 * 4)
    assert build(DARTS_NASNET.normal).output_shape == (None, 8, 8, 5 * 4)
    assert build(DARTS_NASNET.reduction, strides=2).output_shape == (None, 4, 4, 3 * 4)
    first = normal.get_layer("c_concat").input[0]
    assert first is normal.get_layer("c_h1_bn").output


def test_states_are_sums_of_what_the_table_says():
    model = build(NASNET_A.normal, previous=(8, 8, 4))
    randomise(model)
    x, previous = images(2, 8, 8, 4), images(2, 8, 8, 4, seed=1)
    wanted = [f"c_state{n}_add" for n in range(2, 7)] + ["c_h0_bn"]
    wanted += ["c_state2_left_bn2", "c_state2_right_bn2", "c_state6_left_bn2"]
    found = keras.Model(model.inputs, {n: model.get_layer(n).output for n in wanted})([x, previous])
    h0, h1 = found["c_h0_bn"], previous  # of the same shape, so h1 is taken as it is

    def mean(y):
        return keras.ops.average_pool(y, 3, 1, "same")

    expected = {
        "c_state2_add": found["c_state2_left_bn2"] + found["c_state2_right_bn2"],
        "c_state4_add": mean(h0) + h1,
        "c_state5_add": 2 * mean(keras.ops.convert_to_tensor(h1)),
        "c_state6_add": found["c_state6_left_bn2"] + h0,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-5)


def test_the_relu_comes_before_the_convolution():
    model = build(Cell((SEP, ("identity", 0)), (2,)))
    order = [layer.name for layer in model.layers]
    assert order.index("c_state0_relu") < order.index("c_state2_left_conv1")
    assert model.get_layer("c_state2_left_conv1").input is model.get_layer("c_state0_relu").output
    # and nothing follows the last normalisation
    assert model.get_layer("c_state2_left_bn2").output in model.get_layer("c_state2_add").input


def test_only_edges_from_the_inputs_stride():
    model = build(NASNET_A.reduction, strides=2)
    strides = {layer.name: layer.strides[0] for layer in model.layers if "left_conv1" in layer.name}
    assert strides == {"c_state2_left_conv1": 2, "c_state6_left_conv1": 1}
    assert model.get_layer("c_state2_avg_pool3").strides == (1, 1)
    assert model.get_layer("c_state0_avg_pool3").strides == (2, 2)


MAXIMA = Cell((("max_pool_3x3", 1), ("max_pool_3x3", 1)), (2,))
MEANS = Cell((("avg_pool_3x3", 1), ("avg_pool_3x3", 1)), (2,))


@pytest.mark.parametrize("size", [6, 7])
@pytest.mark.parametrize("cell, kind", [(MAXIMA, "max_pool"), (MEANS, "avg_pool")])
@pytest.mark.parametrize("zeros", [False, True])
def test_what_strided_pools_see_outside(cell, kind, zeros, size):
    """-1 everywhere: with zeros outside, a maximum at the border is 0 and a mean shrinks."""
    padded = (kind,) if zeros else ()
    model = build(cell, size=size, strides=2, zero_padded=padded)
    y = np.asarray(model(-np.ones((1, size, size, 4), "float32")))[0, ..., 0] / 2  # twice the pool
    half = -(-size // 2)
    assert y.shape == (half, half)
    touches = np.zeros((half, half), bool)
    touches[-1], touches[:, -1] = True, True
    if size % 2:  # an odd map is padded on both sides, an even one behind it
        touches[0], touches[:, 0] = True, True
    assert np.all(y[~touches] == -1)
    if not zeros:
        assert np.all(y == -1)
    elif kind == "max_pool":
        assert np.all(y[touches] == 0)
    else:
        np.testing.assert_allclose(y[-1, -1], -4 / 9, rtol=1e-6)
        assert np.all(y[touches] > -0.7)


def test_zeros_outside_are_the_same_at_every_size():
    """Keras pads an even map by (0, 1) and an odd one by (1, 1)."""
    cell = Cell((("max_pool_3x3", 1), ("avg_pool_3x3", 1)), (2,))
    free = build(cell, size=None, strides=2, zero_padded=("max_pool", "avg_pool"))
    for size in (6, 9):
        x = images(1, size, size, 4)
        padding = (size % 2, 1)
        wide = np.pad(x, ((0, 0), padding, padding, (0, 0)))
        pooled = keras.ops.max_pool(wide, 3, 2, "valid") + keras.ops.average_pool(
            wide, 3, 2, "valid"
        )
        np.testing.assert_allclose(free(x), pooled, rtol=1e-5, atol=1e-6)


def test_means_between_cells_never_count_padding():
    cell = Cell((("avg_pool_3x3", 1), ("avg_pool_3x3", 1)), (2,))
    model = build(cell, zero_padded=("avg_pool",))
    np.testing.assert_allclose(model(np.ones((1, 8, 8, 4), "float32")), 2 * np.ones((1, 8, 8, 4)))


@pytest.mark.parametrize("size", [6, 7])
def test_factorized_reduction_is_shifted_by_one(size):
    image = keras.Input((size, size, 1))
    model = keras.Model(image, factorized_reduction(image, 2, name="r", epsilon=0.0))
    for number in (1, 2):
        model.get_layer(f"r_conv{number}").kernel.assign(np.ones((1, 1, 1, 1), "float32"))
    x = images(1, size, size, 1)
    behind = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)))[:, 1:, 1:]
    expected = np.concatenate([x[:, ::2, ::2], behind[:, ::2, ::2]], axis=-1)
    np.testing.assert_allclose(model(x), expected, rtol=1e-6)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert [layer.name for layer in norms] == ["r_bn"]  # one for both halves


def test_h1_is_adjusted_where_it_differs():
    same = names(build(NASNET_A.normal, previous=(8, 8, 4)))
    assert not any("_h1_" in name for name in same)
    wide = names(build(NASNET_A.normal, previous=(8, 8, 6)))
    assert {"c_h1_relu", "c_h1_conv", "c_h1_bn"} <= wide
    large = names(build(NASNET_A.normal, previous=(16, 16, 4), previous_strides=2))
    assert {"c_h1_relu", "c_h1_conv1", "c_h1_conv2", "c_h1_bn"} <= large


def test_a_first_cell_takes_its_input_twice():
    """h1 keeps its channels; where that does not fit, an edge and the output project it."""
    model = build(NASNET_A.normal, channels=6)
    assert model.output_shape == (None, 8, 8, 24)
    projected = {name for name in names(model) if name.endswith("_conv")}
    assert projected == {
        "c_h0_conv",
        "c_state4_right_conv",  # the identity
        "c_state5_left_conv",  # the two means, each with its own
        "c_state5_right_conv",
        "c_out1_conv",
    }
    assert model.get_layer("c_out1_conv").input is model.input  # no ReLU in front of it


def test_an_input_in_the_output_of_a_reduction_is_reduced():
    model = build(Cell((SEP, SEP), (0, 2)), strides=2)
    assert model.output_shape == (None, 4, 4, 8)
    assert "c_out0_conv2" in names(model)


def test_an_identity_that_strides_projects():
    model = build(Cell((("identity", 0), SEP), (2,)), strides=2)
    assert model.get_layer("c_state2_left_conv").strides == (2, 2)
    assert model.get_layer("c_state2_left_conv").input is model.get_layer("c_state0_relu").output


def test_every_operation_but_the_identity_is_an_edge_to_drop():
    seen = []

    def on_edge(y, *, name):
        seen.append(name)
        return y

    build(NASNET_A.normal, on_edge=on_edge)
    assert len(seen) == 8 and "c_state4_right" not in seen and "c_state6_right" not in seen
    seen.clear()
    build(NASNET_A.reduction, strides=2, on_edge=on_edge)
    assert len(seen) == 9 and "c_state5_right" not in seen


@pytest.mark.parametrize(
    "edges, concat, message",
    [
        ((), (0,), "`edges` must be an even number of .*at least two. Received: edges="),
        ((SEP,), (2,), "`edges` must be an even number"),
        ((SEP, ("conv", 1)), (2,), "`operation` must be one of 'identity', 'sep_conv_3x3'.*'conv'"),
        ((SEP, ("identity", 2)), (2,), "`state` must be at most 1. Received: state=2"),
        ((SEP, ("identity", -1)), (2,), "`state` must be at least 0"),
        ((SEP, SEP), (), "`concat` must name at least one state"),
        ((SEP, SEP), (3,), "`concat` must be at most 2. Received: concat=3"),
    ],
)
def test_refuses(edges, concat, message):
    with pytest.raises(ValueError, match=message):
        Cell(edges, concat)


def test_genotypes_are_values():
    assert Genotype(NASNET_A.normal, NASNET_A.reduction) == NASNET_A
    assert hash(NASNET_A) != hash(DARTS_NASNET)
    with pytest.raises(dataclasses.FrozenInstanceError):
        NASNET_A.normal = NASNET_A.reduction
