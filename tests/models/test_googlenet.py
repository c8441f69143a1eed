"""What is usually got wrong about GoogLeNet."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, shared_model

import keras_classic_cnns as kcc


def _names(model, kind):
    return [layer.name for layer in model.layers if type(layer).__name__ == kind]


def test_channels_of_each_module_are_those_of_the_paper():
    for variant in ("lrn", "bn"):
        model = shared_model("googlenet", variant=variant)
        modules = [m for m in model.layers if type(m).__name__ == "InceptionModule"]
        assert [module.name[-2:] for module in modules] == [
            *("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
        ]
        channels = [module.output.shape[-1] for module in modules]
        assert channels == [256, 480, 512, 512, 512, 528, 832, 832, 1024]


def test_twenty_two_layers_with_weights():
    """Three convolutions, two in a row in each of nine modules, the classifier."""
    model = shared_model("googlenet")
    assert len(_names(model, "Conv2D")) + 2 * len(_names(model, "InceptionModule")) + 1 == 22


def test_the_5x5_is_5x5_and_in_the_bn_variant_3x3():
    for variant, size in (("lrn", 5), ("bn", 3)):
        module = shared_model("googlenet", variant=variant).get_layer("stage3_inception5b")
        assert module.convolutions["5x5"].kernel_size == (size, size)
        assert (module.convolutions["5x5"].bias is None) == (variant == "bn")


def test_pools_are_not_padded_and_reach_over_the_end():
    for variant, last in (("lrn", 3), ("bn", 2)):
        model = shared_model("googlenet", variant=variant)
        sizes = {}
        for name in _names(model, "PaddedMaxPooling2D"):
            pool = model.get_layer(name)
            assert pool.padding == (0, 0) and pool.ceil_mode and pool.strides == (2, 2)
            sizes[name] = pool.pool_size[0], pool.output.shape[1]
        assert sizes == {
            "stem_pool1": (3, 56),
            "stem_pool2": (3, 28),
            "stage2_pool": (3, 14),
            "stage3_pool": (last, 7),
        }


def test_response_normalisation_stands_behind_the_first_pool_and_before_the_second():
    names = [layer.name for layer in shared_model("googlenet").layers]
    assert names.index("stem_pool1") + 1 == names.index("stem_norm1")
    assert names.index("stem_norm2") == names.index("stem_conv3_relu") + 1
    assert names.index("stem_pool2") == names.index("stem_norm2") + 1
    assert not _names(shared_model("googlenet", variant="bn"), "LocalResponseNormalization")


def test_response_normalisation_is_caffes():
    """k = 1, and alpha = 1e-4 is divided by the five channels of the window."""
    norm = shared_model("googlenet").get_layer("stem_norm1")
    x = 100 * np.ones((1, 1, 1, 5), "float32")
    y = np.asarray(norm(x))[0, 0, 0]
    np.testing.assert_allclose(y[2], 100 / (1 + 1e-4 * 100**2) ** 0.75, rtol=1e-5)


def test_batch_normalisation_has_torchvisions_epsilon():
    model = shared_model("googlenet", variant="bn")
    assert model.get_layer("stem_bn1").epsilon == 1e-3
    assert model.get_layer("stage1_inception3a").norms["1x1"].epsilon == 1e-3
    assert model.get_layer("stem_bn1").scale


@pytest.mark.parametrize(
    ("options", "rate"),
    [({}, 0.4), ({"variant": "bn"}, 0.2), ({"variant": "bn", "dropout": 0.6}, 0.6)],
)
def test_dropout_comes_before_the_classifier(options, rate):
    model = kcc.GoogLeNet(input_shape=(64, 64, 3), **options, weights=None)
    assert [layer.name for layer in model.layers[-3:]] == ["avg_pool", "dropout", "predictions"]
    assert model.get_layer("dropout").rate == rate


def test_the_first_convolution_has_9408_weights_and_biases_of_a_fifth():
    """The paper's Table 1 prints 2.7K."""
    layer = shared_model("googlenet").get_layer("stem_conv1")
    assert layer.count_params() == 7 * 7 * 3 * 64 + 64
    np.testing.assert_allclose(layer.bias, np.full(64, 0.2))
    assert np.abs(layer.kernel).max() <= np.sqrt(3 / 147)


def test_modules_and_heads_start_as_in_caffe():
    model = shared_model("googlenet", aux_heads=True)
    module = model.get_layer("stage2_inception4a")
    started = [
        *module.convolutions.values(),
        model.get_layer("aux1_conv"),
        model.get_layer("aux1_fc"),
    ]
    for layer in started:
        kernel = np.asarray(layer.kernel)
        limit = np.sqrt(3 / np.prod(kernel.shape[:-1]))
        assert 0.99 * limit < np.abs(kernel).max() <= limit, layer.name
        np.testing.assert_allclose(layer.bias, np.full(kernel.shape[-1], 0.2))


def test_the_bn_variant_starts_as_he_et_al_say():
    module = shared_model("googlenet", variant="bn").get_layer("stage2_inception4a")
    kernel = np.asarray(module.convolutions["3x3"].kernel)
    assert np.std(kernel) == pytest.approx(np.sqrt(2 / (9 * kernel.shape[-1])), rel=0.02)


def test_auxiliary_heads():
    model = shared_model("googlenet", aux_heads=True)
    assert set(model.output) == {"predictions", "aux1", "aux2"}
    for name, module, channels in (("aux1", "4a", 512), ("aux2", "4d", 528)):
        pool = model.get_layer(f"{name}_pool")
        assert pool.input is model.get_layer(f"stage2_inception{module}").output
        assert (pool.pool_size, pool.strides, pool.padding) == ((5, 5), (3, 3), (0, 0))
        assert pool.output.shape[1:] == (4, 4, channels)
        assert model.get_layer(f"{name}_conv").filters == 128
        assert model.get_layer(f"{name}_fc").count_params() == 2_098_176
        assert model.get_layer(f"{name}_dropout").rate == 0.7
        assert model.get_layer(name).count_params() == 1_025_000
    assert kcc.aux_loss_weights(model) == {"predictions": 1.0, "aux1": 0.3, "aux2": 0.3}


def test_heads_of_the_first_one_by_the_facts():
    model = shared_model("googlenet", aux_heads=True)
    parts = [layer.count_params() for layer in model.layers if layer.name.startswith("aux1")]
    assert [count for count in parts if count] == [65_664, 2_098_176, 1_025_000]


@pytest.mark.parametrize(("variant", "size"), [("lrn", 79), ("bn", 47)])
def test_it_trains_with_auxiliary_heads(variant, size):
    model = kcc.GoogLeNet(
        input_shape=(size, size, 3),
        classes=4,
        variant=variant,
        aux_heads=True,
        dropout=0.0,
        weights=None,
    )
    x, y = images(8, size, size, 3), np.arange(8) % 4
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
    weights = kcc.aux_loss_weights(model)
    losses = dict.fromkeys(weights, "sparse_categorical_crossentropy")
    model.compile(keras.optimizers.SGD(0.001), losses, weights)
    history = model.fit(kcc.with_aux_labels(data, model), epochs=1, verbose=0).history
    total = sum(weight * history[f"{name}_loss"][0] for name, weight in weights.items())
    np.testing.assert_allclose(history["loss"][0], total, rtol=1e-5)
    plain = kcc.without_aux(model)
    assert not any(layer.name.startswith("aux") for layer in plain.layers)
    np.testing.assert_allclose(
        plain.predict(x, verbose=0), model.predict(x, verbose=0)["predictions"], rtol=1e-5
    )


def test_heads_of_the_bn_variant_fit_any_map():
    model = kcc.GoogLeNet(input_shape=(None, None, 3), variant="bn", aux_heads=True, weights=None)
    assert model(images(1, 64, 50, 3))["aux1"].shape == (1, 1000)


@pytest.mark.parametrize("size", [78, None])
def test_heads_that_do_not_fit(size):
    kcc.GoogLeNet(input_shape=(79, 79, 3), aux_heads=True, weights=None)
    with pytest.raises(ValueError, match=r"fixed size of at least 79x79.* Received: map=\("):
        kcc.GoogLeNet(input_shape=(size, size, 3), aux_heads=True, weights=None)


def test_heads_need_the_top():
    with pytest.raises(ValueError, match="needs `include_top=True`"):
        kcc.GoogLeNet(include_top=False, aux_heads=True, weights=None)
