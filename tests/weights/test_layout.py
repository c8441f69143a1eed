"""Orders of axes, and first kernels for other images."""

import numpy as np
import pytest

from keras_classic_cnns.weights.layout import adapt_input_kernel, to_keras_layout, to_torch_layout


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ((8, 4, 3, 5), (3, 5, 4, 8)),
        ((8, 1, 3, 3), (3, 3, 8, 1)),  # depthwise
        ((8, 1, 3, 3), (3, 3, 1, 8)),  # one input channel
        ((8, 4, 1, 1), (4, 8)),  # a 1x1 convolution is a dense layer
        ((8, 4, 2, 3), (24, 8)),  # and so is one over the whole map
        ((8, 4), (1, 1, 4, 8)),
        ((8, 4), (4, 8)),
        ((8,), (8,)),
    ],
)
def test_layouts(theirs, ours):
    array = np.arange(np.prod(theirs)).reshape(theirs)
    assert to_keras_layout(array, ours).shape == ours
    assert to_keras_layout(array, (*ours[:-1], 99)) is None


def test_a_dense_layer_is_the_same_in_both_forms():
    """As `classifier.0` of torchvision's VGG, and as `pre_logits.fc1` of timm's."""
    convolution = np.random.RandomState(0).standard_normal((8, 4, 2, 3))
    matrix = to_keras_layout(convolution.reshape(8, -1), (24, 8), flattened=(2, 3, 4))
    np.testing.assert_array_equal(matrix, to_keras_layout(convolution, (24, 8)))
    np.testing.assert_array_equal(matrix.reshape(2, 3, 4, 8)[1, 2], convolution[:, :, 1, 2].T)


def kernel():
    return np.random.RandomState(0).standard_normal((3, 3, 3, 5))


def test_a_grey_image_gives_what_three_equal_channels_give():
    grey = np.random.RandomState(1).standard_normal((3, 3, 1))
    colour = np.tensordot(np.repeat(grey, 3, axis=2), kernel(), 3)
    adapted = adapt_input_kernel(kernel(), 1)
    assert adapted.shape == (3, 3, 1, 5)
    np.testing.assert_allclose(np.tensordot(grey, adapted, 3), colour)


def test_more_channels_repeat_the_three_and_keep_the_scale():
    adapted = adapt_input_kernel(kernel(), 4)
    np.testing.assert_allclose(adapted[:, :, 3], kernel()[:, :, 0] * 0.75)
    np.testing.assert_allclose(adapted[:, :, :3], kernel() * 0.75)
    np.testing.assert_allclose(adapt_input_kernel(kernel(), 2), kernel()[:, :, :2] * 1.5)


def test_three_channels_stay_as_they_are():
    first = kernel()
    assert adapt_input_kernel(first, 3) is first


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        ((3, 5, 4, 8), (8, 4, 3, 5), {}),
        ((3, 3, 2, 8), (8, 2, 3, 3), {}),  # grouped
        ((4, 8), (8, 4), {}),
        ((4, 8), (8, 4, 1, 1), {"is_convolution": True}),
        ((24, 8), (8, 24), {"flattened": (2, 3, 4)}),
        ((24, 8), (8, 4, 2, 3), {"flattened": (2, 3, 4), "is_convolution": True}),
        ((8,), (8,), {}),
    ],
)
def test_layouts_are_undone_by_loading(ours, theirs, options):
    array = np.arange(np.prod(ours), dtype="float32").reshape(ours)
    found = to_torch_layout(array, "layer/kernel", **options)
    assert found.shape == theirs and found.flags.c_contiguous
    back = to_keras_layout(found, ours, options.get("flattened"))
    np.testing.assert_array_equal(back, array)


def test_a_depthwise_layout():
    array = np.arange(72, dtype="float64").reshape(3, 3, 8, 1)
    found = to_torch_layout(array, "layer/depthwise_kernel")
    assert found.shape == (8, 1, 3, 3) and found.dtype == "float32"
    np.testing.assert_array_equal(found[5, 0], array[:, :, 5, 0])
