"""What is usually got wrong about LeNet-5."""

import numpy as np
import pytest
from harness import shared_model

import keras_classic_cnns as kcc
from keras_classic_cnns.models import lenet


def test_connections_of_the_paper():
    """Weights and biases used, over all positions, RBF inputs included: 340,908 in the paper."""
    model = shared_model("lenet5", variant="1998")
    connections = 0
    for layer in model.layers:
        if "_s" in layer.name:  # four inputs and a bias for each output
            connections += 5 * int(np.prod(layer.output.shape[1:]))
        elif layer.weights:
            positions = int(np.prod(layer.output.shape[1:-1]))
            connections += layer.count_params() * positions
    assert connections + 10 * 84 == 340_908


def test_parameters_of_each_layer_of_the_paper():
    model = shared_model("lenet5", variant="1998")
    counts = {layer.name: layer.count_params() for layer in model.layers if layer.weights}
    assert counts == {
        "stage1_c1": 156,
        "stage1_s2": 12,
        "stage2_c3": 1516,
        "stage2_s4": 32,
        "stage3_c5": 48120,
        "f6": 10164,
    }


def test_table_1_has_six_maps_of_three_inputs_nine_of_four_one_of_six():
    lengths = [len(row) for row in lenet.TABLE_1]
    assert [lengths.count(n) for n in (3, 4, 6)] == [6, 9, 1] and len(lengths) == 16
    # every input map feeds ten output maps
    assert np.bincount(np.concatenate(lenet.TABLE_1)).tolist() == [10] * 6


def test_codes_are_ten_different_bitmaps_of_plus_and_minus_one():
    codes = np.array(lenet.digit_codes())
    assert codes.shape == (10, 84) and set(np.unique(codes)) == {-1, 1}
    distances = ((codes[:, None] - codes[None]) ** 2).sum(-1) + 1000 * np.eye(10)
    assert distances.min() >= 4 * 6  # at least six of 84 dots differ


def test_the_original_has_ten_classes_only():
    with pytest.raises(ValueError, match="`classes` must be 10 with variant='1998'.*classes=26"):
        kcc.LeNet5(variant="1998", classes=26)


def test_c5_is_a_convolution_that_sees_the_whole_image():
    rows = {row.name: row for row in kcc.analysis.cost(shared_model("lenet5")).rows}
    assert rows["stage3_c5"].kind == "Conv2D"
    assert rows["stage3_c5"].receptive_field == (32, 32)


def test_activations_and_pooling_of_both_variants():
    modern, original = shared_model("lenet5"), shared_model("lenet5", variant="1998")
    assert modern.get_layer("stage1_c1").activation.__name__ == "tanh"
    assert type(modern.get_layer("stage1_s2")).__name__ == "AveragePooling2D"
    assert original.get_layer("f6").activation.__name__ == "scaled_tanh"
    assert original.get_layer("stage1_s2").activation.__name__ == "scaled_tanh"


@pytest.mark.parametrize("size, padding", [(28, ((2, 2), (2, 2))), (31, ((0, 1), (0, 1)))])
def test_smaller_images_are_centred(size, padding):
    model = kcc.LeNet5(input_shape=(size, size, 1))
    assert model.get_layer("stem_pad").padding == padding
    assert kcc.endpoints(model)["stage3"].shape[1:] == (1, 1, 120)
