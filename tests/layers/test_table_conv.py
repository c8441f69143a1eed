"""A table convolution has weights for its connections only, drawn with the right fan."""

import numpy as np
import pytest
from harness import images

from keras_classic_cnns.layers import FanInUniform, TableConv2D

TABLE = [[0, 1], [1, 2], [0, 1, 2]]


def test_an_output_map_sees_only_its_inputs():
    layer = TableConv2D(TABLE, 3)
    x = images(1, 5, 5, 3)
    before = np.asarray(layer(x))
    x[..., 2] += 1
    changed = np.any(np.asarray(layer(x)) != before, axis=(0, 1, 2))
    assert changed.tolist() == [False, True, True]


def test_weights_of_each_map_are_drawn_for_its_own_fan_in():
    layer = TableConv2D([[0, 1]] * 40 + [[0, 1, 2]] * 40, 5, kernel_initializer=FanInUniform(1.0))
    layer.build((None, 9, 9, 3))
    kernel = np.asarray(layer.kernel)
    for part, fan_in in ((kernel[..., :80], 50), (kernel[..., 80:], 75)):
        assert np.abs(part).max() == pytest.approx(1 / fan_in, rel=0.01)
    assert np.unique(kernel).size > 0.99 * kernel.size  # no two maps start alike


def test_counts_the_connections_that_exist():
    layer = TableConv2D(TABLE, (5, 3))
    layer.build((None, 14, 14, 3))
    assert layer.connections == 7
    assert layer.count_macs((None, 10, 12, 3)) == 10 * 12 * 15 * 7


@pytest.mark.parametrize("table", [[], [[0], []], [[0, 0]]])
def test_refuses_a_bad_table(table):
    with pytest.raises(ValueError, match="`table` must name, for each output map"):
        TableConv2D(table, 3)


def test_refuses_a_map_that_is_not_there():
    with pytest.raises(ValueError, match="`table` must name maps below 2, the channels"):
        TableConv2D(TABLE, 3).build((None, 5, 5, 2))
