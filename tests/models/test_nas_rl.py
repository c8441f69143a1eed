"""What the controller wrote, and what is usually got wrong about it."""

import keras
import numpy as np
from harness import shared_model

import keras_classic_cnns as kcc
from keras_classic_cnns.models.nas_rl import VERSION_1, Layer, body, parse


def convolutions():
    layers = shared_model("nasrlv1").layers
    return [layer for layer in layers if isinstance(layer, keras.layers.Conv2D)]


def test_weights_of_the_convolutions_are_the_papers():
    weights = sum(int(np.prod(layer.kernel.shape)) for layer in convolutions())
    assert weights == 4_199_868
    assert not any(layer.use_bias for layer in convolutions())


def test_it_has_no_stride_and_no_pooling():
    model = shared_model("nasrlv1")
    assert len(convolutions()) == 15
    for layer in convolutions():
        assert layer.strides == (1, 1) and layer.output.shape[1:3] == (32, 32)
    assert not any("pool" in layer.name for layer in model.layers if layer.name != "avg_pool")


def test_kernels_are_height_by_width():
    model = shared_model("nasrlv1")
    assert model.get_layer("stage1_conv5").kernel_size == (3, 7)
    assert model.get_layer("stage1_conv8").kernel_size == (7, 3)
    assert model.get_layer("stage1_conv9").kernel_size == (7, 1)


def test_inputs_are_concatenated_not_added():
    model = shared_model("nasrlv1")
    assert model.get_layer("stage1_conv4").input.shape[-1] == 36 + 48 + 36
    assert model.get_layer("stage1_conv10").kernel.shape[2] == 36 * 5 + 48 * 3
    # the image is seen by the first layer only
    assert model.get_layer("stage1_conv1").input is model.input


def test_only_the_last_layer_is_loose():
    model = shared_model("nasrlv1")
    assert model.get_layer("avg_pool").input is model.get_layer("stage1_relu15").output


def test_loose_outputs_meet_before_the_classifier():
    image = keras.Input((8, 8, 3))

    class Config:
        layers = parse("3x3 4: 0\n1x1 5: 1\n3x1 6: 0 1")

    y = body(image, Config)
    assert y.shape == (None, 8, 8, 5 + 6)
    model = keras.Model(image, y)
    assert model.get_layer("stage1_conv3").kernel.shape == (3, 1, 3 + 4, 6)


def test_the_encoding_is_read_as_it_is_written():
    table = parse(VERSION_1)
    assert len(table) == 15
    assert table[0] == Layer((3, 3), 36, (0,))
    assert table[8] == Layer((7, 1), 36, (1, 5, 6, 8))
    for number, layer in enumerate(table, start=1):
        assert set(layer.kernel_size) <= {1, 3, 5, 7}  # the controller's choices
        assert layer.filters in (24, 36, 48, 64)
        assert all(i < number for i in layer.inputs)


def test_order_is_convolution_normalisation_relu():
    model = kcc.NASRLv1(input_shape=(8, 8, 3))
    assert model.get_layer("stage1_bn7").input is model.get_layer("stage1_conv7").output
    assert model.get_layer("stage1_relu7").input is model.get_layer("stage1_bn7").output
