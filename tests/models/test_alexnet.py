"""What is usually got wrong about AlexNet."""

import keras
import numpy as np
import pytest
from harness import images, shared_model

import keras_classic_cnns as kcc

SMALL = {"input_shape": (55, 55, 3), "classes": 10}


def names_between(model, first, last):
    names = [layer.name for layer in model.layers]
    return names[names.index(first) : names.index(last) + 1]


def test_normalisation_stands_between_relu_and_pooling():
    """CaffeNet, the variant that many copy, pools first."""
    model = shared_model("alexnet")
    for stage in (1, 2):
        name = f"stage{stage}"
        order = [f"{name}_{part}" for part in ("conv1", "conv1_relu", "lrn", "pool")]
        assert names_between(model, order[0], order[-1]) == order
    assert not any("stage3_lrn" in layer.name for layer in model.layers)


def test_second_fourth_and_fifth_convolution_have_two_groups():
    model = shared_model("alexnet")
    convs = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.groups for layer in convs] == [1, 2, 1, 2, 2]
    assert [layer.kernel.shape[2] for layer in convs] == [3, 48, 256, 192, 192]


def test_sizes_of_the_paper_follow_from_227_pixels():
    model = shared_model("alexnet")
    assert model.get_layer("stage1_conv1").output.shape[1:3] == (55, 55)
    assert model.get_layer("flatten").output.shape[1] == 6 * 6 * 256


def test_a_crop_of_224_has_the_same_weights_since_pooling_rounds_up():
    model = kcc.AlexNet(input_shape=(224, 224, 3))
    assert model.get_layer("stage1_conv1").output.shape[1:3] == (54, 54)
    totals = kcc.analysis.cost(model).totals
    assert totals.parameters == 60_965_224
    # only the first convolution has fewer places
    assert totals.macs == 724_406_816 - (55**2 - 54**2) * 96 * 11 * 11 * 3


def test_normalisation_crosses_the_border_of_the_groups():
    layer = shared_model("alexnet").get_layer("stage1_lrn")
    x = np.zeros((1, 1, 1, 96), "float32")
    x[..., 47:49] = 100  # the last map of one GPU and the first of the other
    alone = 100 / (2 + 1e-4 * 100**2) ** 0.75
    both = 100 / (2 + 1e-4 * 2 * 100**2) ** 0.75
    np.testing.assert_allclose(np.asarray(layer(x))[0, 0, 0, 47], both, rtol=1e-5)
    assert abs(alone - both) > 1


def test_constants_of_the_paper_of_caffe_and_of_torch():
    paper = kcc.AlexNet(**SMALL).get_layer("stage2_lrn")
    assert (paper.bias, paper.weight_of_sum, paper.beta, paper.depth_radius) == (2, 1e-4, 0.75, 2)
    caffe = kcc.AlexNet(**SMALL, lrn="caffe").get_layer("stage2_lrn")
    assert (caffe.bias, caffe.beta, caffe.depth_radius) == (1, 0.75, 2)
    assert caffe.weight_of_sum == pytest.approx(2e-5)
    torch = kcc.AlexNet(**SMALL, lrn="pytorchcv").get_layer("stage2_lrn")  # local_response_norm
    assert (torch.bias, torch.beta, torch.depth_radius) == (2, 0.75, 2)
    assert torch.weight_of_sum == pytest.approx(2e-5)


def test_dropout_is_behind_the_dense_layers_in_2012_and_before_them_in_2014():
    old = names_between(shared_model("alexnet"), "flatten", "predictions")
    assert old == ["flatten", "fc6", "fc6_dropout", "fc7", "fc7_dropout", "predictions"]
    new = names_between(shared_model("alexnetv2"), "flatten", "predictions")
    assert new == ["flatten", "fc6_dropout", "fc6", "fc7_dropout", "fc7", "predictions"]


def test_dropout_acts_in_training_only_and_can_be_left_out():
    model = kcc.AlexNet(**SMALL, dropout=0.25)
    assert model.get_layer("fc6_dropout").rate == model.get_layer("fc7_dropout").rate == 0.25
    x = images(2, 55, 55, 3)
    np.testing.assert_array_equal(model(x), model(x, training=False))
    assert not np.array_equal(model(x, training=True), model(x, training=True))
    without = kcc.AlexNet(**SMALL, dropout=0)
    assert not any("dropout" in layer.name for layer in without.layers)


def test_weights_begin_as_section_5_says():
    model = shared_model("alexnet")
    for name in ("stage1_conv1", "stage2_conv1", "stage3_conv3", "fc7", "predictions"):
        assert np.std(model.get_layer(name).kernel) == pytest.approx(0.01, rel=0.05)
    biases = {layer.name: set(np.ravel(layer.bias)) for layer in model.layers if layer.weights}
    ones = {name for name, values in biases.items() if values == {np.float32(0.1)}}
    assert ones == {"stage2_conv1", "stage3_conv2", "stage3_conv3", "fc6", "fc7"}
    zeros = {name for name, values in biases.items() if values == {np.float32(0)}}
    assert zeros == set(biases) - ones


def test_layers_of_one_shape_begin_with_different_weights():
    """An initialiser of Keras 3 gives the same values every time it is called."""
    model = kcc.VGG13(include_top=False, input_shape=(32, 32, 3), weights=None)
    one, other = (model.get_layer(f"stage5_conv{number}").kernel for number in (1, 2))
    assert one.shape == other.shape and not np.array_equal(one, other)
    head = kcc.AlexNetV2(input_shape=(63, 63, 3), classes=4096, weights=None)
    assert not np.array_equal(head.get_layer("fc7").kernel, head.get_layer("predictions").kernel)


def test_v2_has_no_normalisation_pads_by_two_and_rounds_down():
    model = shared_model("alexnetv2")
    assert not any("lrn" in layer.name for layer in model.layers)
    assert model.get_layer("stage1_conv1_pad").padding == ((2, 2), (2, 2))
    assert model.get_layer("stage1_conv1").output.shape[1:3] == (55, 55)
    odd = kcc.AlexNetV2(include_top=False, input_shape=(227, 227, 3), weights=None)
    # 56 places: 27 windows, 28 if they were rounded up
    assert odd.get_layer("stage1_pool").output.shape[1:3] == (27, 27)


def test_v2_classifies_images_of_any_size_with_the_same_weights():
    free = kcc.AlexNetV2(input_shape=(None, None, 3), classes=10, weights=None)
    x = images(2, 80, 100, 3)
    fixed = kcc.AlexNetV2(input_shape=(80, 100, 3), classes=10, weights=None)
    fixed.set_weights(free.get_weights())
    np.testing.assert_allclose(free(x), fixed(x), rtol=1e-5, atol=1e-6)


def test_the_classifier_of_2012_needs_a_size():
    with pytest.raises(ValueError, match="`input_shape` must give height and width"):
        kcc.AlexNet(input_shape=(None, None, 3))


@pytest.mark.parametrize("wrong", [1, 1.5])
def test_a_rate_of_one_or_more(wrong):
    with pytest.raises(ValueError, match=f"`dropout` must be less than 1. Received: .*{wrong}"):
        kcc.AlexNet(dropout=wrong)


def test_groups_other_than_one_or_two():
    with pytest.raises(ValueError, match="`groups` must be one of 2, 1. Received: groups=3"):
        kcc.AlexNet(groups=3)


def test_fc7_is_a_feature_also_after_reloading(tmp_path):
    model = kcc.AlexNet(**SMALL)
    model.save(tmp_path / "alexnet.keras")
    x = images(2, 55, 55, 3)
    features = kcc.feature_extractor(model, ["fc7"])(x)["fc7"]
    assert features.shape == (2, 4096) and np.min(features) >= 0  # behind the ReLU
    reloaded = keras.saving.load_model(tmp_path / "alexnet.keras")
    again = kcc.feature_extractor(reloaded, ["fc7"])(x)["fc7"]
    np.testing.assert_allclose(again, features, rtol=1e-6)
