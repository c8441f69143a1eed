"""Radial basis units score by distance to fixed codes."""

import numpy as np
import pytest
from harness import images

from keras_classic_cnns.layers import RadialBasis

CODES = [[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]


def test_has_no_weights_and_the_code_itself_scores_best():
    layer = RadialBasis(CODES)
    scores = np.asarray(layer(np.asarray(CODES)))
    assert layer.weights == []
    np.testing.assert_array_equal(scores, [[0, -4], [-4, 0]])


def test_softmax_gives_the_gaussian_posterior():
    x = images(4, 3)
    distances = np.stack([((x - code) ** 2).sum(1) for code in CODES], 1)
    expected = np.exp(-distances) / np.exp(-distances).sum(1, keepdims=True)
    np.testing.assert_allclose(RadialBasis(CODES, activation="softmax")(x), expected, rtol=1e-5)


def test_refuses():
    with pytest.raises(ValueError, match="The input must have 3 features"):
        RadialBasis(CODES)(images(2, 4))
    with pytest.raises(ValueError, match="`codes` must be one row of numbers for each class"):
        RadialBasis([1.0, 2.0])
