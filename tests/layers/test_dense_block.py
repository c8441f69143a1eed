"""DenseBlock: each layer sees all maps before it."""

import numpy as np
from harness import images

from keras_classic_cnns.layers import DenseBlock


def test_the_input_comes_first_and_each_layer_appends():
    x = images(2, 6, 6, 3)
    block = DenseBlock(3, 4)
    y = np.asarray(block(x))
    assert y.shape == (2, 6, 6, 3 + 3 * 4)
    np.testing.assert_array_equal(y[..., :3], x)
    assert [layer.conv1.kernel.shape[2] for layer in block.layers] == [3, 7, 11]
