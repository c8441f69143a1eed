"""Orders of axes, and first kernels for other images."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.weights.layout import (
    adapt_input_kernel,
    flattened_rows,
    grouped_kernel,
    join_groups,
    to_keras_layout,
    to_torch_layout,
)


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


def noise(*shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


def test_the_kernels_of_all_groups_are_those_of_one_grouped_convolution():
    """As tf2cv computes it: one convolution for each group, more of them than nine."""
    groups = {f"a/conv{i + 1}/kernel": noise(3, 3, 2, 4, seed=i) for i in range(12)}
    joined = join_groups(dict(sorted(groups.items())), r"conv(\d+)", "conv")
    assert list(joined) == ["a/conv/kernel"]
    x = noise(1, 5, 5, 24)
    parts = [
        keras.ops.conv(x[..., 2 * i : 2 * i + 2], groups[f"a/conv{i + 1}/kernel"])
        for i in range(12)
    ]
    whole = keras.layers.Conv2D(48, 3, groups=12, use_bias=False)
    whole.build(x.shape)
    whole.kernel.assign(joined["a/conv/kernel"])
    np.testing.assert_allclose(whole(x), np.concatenate(parts, axis=-1), atol=1e-5)


def test_only_pieces_are_joined():
    file = {"conv/bias": noise(3), "conv1/bias": noise(3), "conv2/bias": noise(4)}
    assert join_groups(file, r"conv(\d+)", "conv") == file  # of different shapes
    assert join_groups({"conv1/bias": noise()}, r"conv(\d+)", "conv").keys() == {"conv1/bias"}


def test_a_depthwise_convolution_and_a_sum_are_one_grouped_convolution():
    """As keras_applications computes its ResNeXt: the outputs of a group are added up."""
    groups, channels, filters = 3, 2, 4
    kernel, x = noise(3, 3, groups * channels, filters), noise(1, 5, 5, groups * channels)
    maps = np.asarray(keras.ops.depthwise_conv(x, kernel))
    theirs = maps.reshape(1, 3, 3, groups, channels, filters).sum(axis=4).reshape(1, 3, 3, -1)
    grouped = grouped_kernel(kernel, (3, 3, channels, groups * filters))
    whole = keras.layers.Conv2D(groups * filters, 3, groups=groups, use_bias=False)
    whole.build(x.shape)
    whole.kernel.assign(grouped)
    np.testing.assert_allclose(whole(x), theirs, atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 3, 6, 4), (3, 3, 4, 6), (6,)])
def test_other_kernels_are_not_taken_for_depthwise_ones(shape):
    kernel = noise(3, 3, 6, 4)
    assert grouped_kernel(kernel, shape) is kernel


def test_rows_behind_a_map_that_was_flattened_channels_first():
    kernel, x = noise(2 * 3 * 4, 5), noise(1, 2, 3, 4)
    theirs = x.transpose(0, 3, 1, 2).reshape(1, -1) @ kernel
    np.testing.assert_allclose(
        x.reshape(1, -1) @ flattened_rows(kernel, (2, 3, 4)), theirs, rtol=1e-5
    )
    assert flattened_rows(kernel, (2, 2, 4)) is kernel
    assert flattened_rows(kernel[:, 0], (2, 3, 4)).shape == (24,)


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
