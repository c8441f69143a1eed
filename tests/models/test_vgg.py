"""What is usually got wrong about VGG, and its twins in keras.applications."""

import keras
import numpy as np
import pytest
from harness import images, randomise, shared_model

import keras_classic_cnns as kcc

BODY = {"include_top": False, "input_shape": (32, 32, 3)}


def kernels(model):
    return [
        [layer.kernel_size[0] for layer in model.layers if _is_convolution(layer, stage)]
        for stage in range(1, 6)
    ]


def _is_convolution(layer, stage):
    return isinstance(layer, keras.layers.Conv2D) and layer.name.startswith(f"stage{stage}_")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vgg11", [[3], [3], [3] * 2, [3] * 2, [3] * 2]),
        ("vgg11lrn", [[3], [3], [3] * 2, [3] * 2, [3] * 2]),
        ("vgg13", [[3] * 2] * 5),
        ("vgg16c", [[3] * 2, [3] * 2, [3, 3, 1], [3, 3, 1], [3, 3, 1]]),
        ("vgg16", [[3] * 2, [3] * 2, [3] * 3, [3] * 3, [3] * 3]),
        ("vgg19", [[3] * 2, [3] * 2, [3] * 4, [3] * 4, [3] * 4]),
    ],
)
def test_columns_of_table_1(name, expected):
    model = kcc.get_model(name, **BODY, weights=None)
    assert kernels(model) == expected
    depth = sum(map(len, expected)) + 3
    assert str(depth) in kcc.get_spec(name).constructor
    assert np.all(np.isfinite(model(images(1, 32, 32, 3))))


def test_pooling_rounds_down():
    model = kcc.VGG11(include_top=False, input_shape=(63, 63, 3), weights=None)
    assert [t.shape[1] for t in kcc.endpoints(model).values()] == [31, 15, 7, 3, 1]


def test_dropout_is_behind_the_dense_layers():
    names = [layer.name for layer in shared_model("vgg11").layers]
    assert names[-7:] == [
        *("avg_pool", "flatten", "fc6", "fc6_dropout", "fc7", "fc7_dropout", "predictions")
    ]


def test_batch_normalisation_stands_before_the_relu_and_the_bias_stays():
    model = kcc.VGG11(**BODY, batch_norm=True, weights=None)
    names = [layer.name for layer in model.layers]
    start = names.index("stage3_conv2")
    assert names[start : start + 3] == ["stage3_conv2", "stage3_bn2", "stage3_relu2"]
    assert model.get_layer("stage3_conv2").use_bias
    assert model.get_layer("stage3_bn2").epsilon == 1e-5


def test_one_normalisation_in_a_lrn():
    names = [layer.name for layer in kcc.VGG11LRN(**BODY).layers]
    assert [name for name in names if name.endswith("_lrn")] == ["stage1_lrn"]
    assert names[names.index("stage1_lrn") - 1] == "stage1_conv1_relu"
    assert names[names.index("stage1_lrn") + 1] == "stage1_pool"
    lrn = kcc.VGG11LRN(**BODY).get_layer("stage1_lrn")
    assert (lrn.bias, lrn.weight_of_sum, lrn.beta, lrn.depth_radius) == (2, 1e-4, 0.75, 2)


def test_convolutions_start_by_he_and_dense_layers_at_a_hundredth():
    model = shared_model("vgg11")
    kernel = model.get_layer("stage3_conv2").kernel
    assert np.std(kernel) == pytest.approx(np.sqrt(2 / (9 * 256)), rel=0.02)
    for name in ("fc6", "fc7", "predictions"):
        assert np.std(model.get_layer(name).kernel) == pytest.approx(0.01, rel=0.02)
        assert not np.any(model.get_layer(name).bias)


def test_only_the_nets_of_torchvision_have_batch_normalisation():
    for name in ("VGG16C", "VGG11LRN"):
        with pytest.raises(TypeError, match=rf"{name}\(\) has no argument `batch_norm`"):
            getattr(kcc, name)(batch_norm=True)


def test_vgg16_equals_keras_applications():
    """Whole, at 224x224, where averaging the map to 7x7 changes nothing."""
    theirs = keras.applications.VGG16(weights=None, classifier_activation=None)
    ours = kcc.VGG16(classifier_activation=None, weights=None)
    randomise_biases(ours)
    theirs.set_weights(ours.get_weights())
    assert_close(ours, theirs, 224)


def test_vgg19_equals_keras_applications():
    """The body, at an odd size, where rounding shows."""
    shape = {"include_top": False, "input_shape": (107, 107, 3)}
    theirs = keras.applications.VGG19(weights=None, **shape)
    ours = kcc.VGG19(**shape, weights=None)
    randomise_biases(ours)
    theirs.set_weights(ours.get_weights())
    assert_close(ours, theirs, 107)


def test_a_deeper_net_would_be_noticed():
    ours, theirs = kcc.VGG16(**BODY, weights=None), kcc.VGG16C(**BODY)
    for model in (ours, theirs):
        randomise(model)
    x = images(1, 32, 32, 3)
    assert not np.allclose(ours(x), theirs(x), rtol=1e-2)


def randomise_biases(model):
    random = np.random.RandomState(0)
    for layer in model.layers:
        if layer.weights:
            layer.bias.assign(0.1 * random.standard_normal(layer.bias.shape))


def assert_close(ours, theirs, size):
    x = images(1, size, size, 3)
    expected = theirs.predict(x, verbose=0)
    assert np.ptp(expected) > 0.01
    assert np.max(np.abs(ours.predict(x, verbose=0) - expected)) <= 1e-4 * np.ptp(expected)
