"""What is usually got wrong about ZFNet."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, randomise, shared_model

import keras_classic_cnns as kcc


def test_sizes_of_figure_3():
    model = shared_model("zfnet")
    layers = ("stage1_conv1", "stage1_pool", "stage2_conv1", "stage2_pool", "stage3_pool")
    sizes = [model.get_layer(name).output.shape[1:3] for name in layers]
    assert sizes == [(n, n) for n in (110, 55, 26, 13, 6)]


def test_normalisation_stands_behind_pooling():
    """In AlexNet it stands before it."""
    names = [layer.name for layer in shared_model("zfnet").layers]
    for stage in (1, 2):
        order = [f"stage{stage}_{part}" for part in ("conv1_relu", "pool", "lrn")]
        start = names.index(order[0])
        assert names[start : start + 3] == order


def test_constants_of_the_response_normalisation_are_those_of_alexnet():
    for stage in (1, 2):
        lrn = shared_model("zfnet").get_layer(f"stage{stage}_lrn")
        assert (lrn.bias, lrn.weight_of_sum, lrn.beta, lrn.depth_radius) == (2, 1e-4, 0.75, 2)


def test_the_graph_of_tf2cv_in_the_calls_that_it_makes():
    """Its normalisation comes first, and sums over as many maps as TensorFlow's does unasked."""
    model = kcc.ZFNet(variant="tf2cv", weights=None, include_top=False, input_shape=(53, 53, 3))
    randomise(model)
    kernels = {layer.name: layer.get_weights() for layer in model.layers if layer.weights}

    def conv(x, name, stride, padding):
        kernel, bias = kernels[name]
        sides = [[0, 0], [padding] * 2, [padding] * 2, [0, 0]]
        return tf.nn.relu(tf.nn.conv2d(x, kernel, stride, sides) + bias)

    x = theirs = 30 * images(2, 53, 53, 3)  # so that the normalisation matters
    for name, padding in (("stage1_conv1", 1), ("stage2_conv1", 0)):
        theirs = tf.nn.lrn(conv(theirs, name, 2, padding), bias=2, alpha=1e-4, beta=0.75)
        padded = tf.pad(theirs, [[0, 0], [1, 1], [1, 1], [0, 0]])
        theirs = tf.nn.max_pool2d(padded, 3, 2, "VALID")
    for name in ("stage3_conv1", "stage3_conv2", "stage3_conv3"):
        theirs = conv(theirs, name, 1, 1)
    theirs = tf.nn.max_pool2d(theirs, 3, 2, "VALID")
    np.testing.assert_allclose(model(x), theirs, rtol=1e-5, atol=1e-6 * np.max(theirs))
    paper = kcc.ZFNet(weights=None, include_top=False, input_shape=(53, 53, 3))
    paper.set_weights(model.get_weights())
    assert np.max(np.abs(paper(x) - theirs)) > 0.05 * np.max(theirs)


def test_both_first_convolutions_stride_by_two_and_none_has_groups():
    convs = [
        layer for layer in shared_model("zfnet").layers if isinstance(layer, keras.layers.Conv2D)
    ]
    assert [layer.strides[0] for layer in convs] == [2, 2, 1, 1, 1]
    assert [layer.kernel_size[0] for layer in convs] == [7, 5, 3, 3, 3]
    assert [layer.groups for layer in convs] == [1] * 5


@pytest.mark.parametrize(
    ("name", "widths"), [("zfnet", [384, 384, 256]), ("zfnetwide", [512, 1024, 512])]
)
def test_filters_of_table_2(name, widths):
    model = shared_model(name)
    assert [model.get_layer(f"stage3_conv{i}").filters for i in (1, 2, 3)] == widths


def test_weights_begin_at_a_hundredth_and_biases_at_zero():
    model = shared_model("zfnet")
    for layer in model.layers:
        if layer.weights:
            assert np.std(layer.kernel) == pytest.approx(0.01, rel=0.05)
            assert not np.any(layer.bias)


def test_dropout_is_behind_the_dense_layers():
    names = [layer.name for layer in shared_model("zfnet").layers]
    assert names[-5:] == ["fc6", "fc6_dropout", "fc7", "fc7_dropout", "predictions"]


def test_padding_of_the_pools_never_wins():
    """There is nothing below zero behind a ReLU, so zeros would do as well; it is padded anyhow."""
    model = kcc.ZFNet(include_top=False, input_shape=(53, 53, 3))
    assert model(images(1, 53, 53, 3)).shape == (1, 1, 1, 256)
    assert model.get_layer("stage1_pool").padding == (1, 1)
    assert model.get_layer("stage3_pool").padding == (0, 0)
