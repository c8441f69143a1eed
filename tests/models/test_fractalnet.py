"""What is usually got wrong about FractalNet."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, randomise, shared_model

import keras_classic_cnns as kcc
from keras_classic_cnns.layers import BatchNormalization, FractalJoin, FractalPath

NARROW = {"widths": (4, 6, 8, 8, 10)}


def narrow(**options):
    """FractalNet20 with few filters and weights that matter."""
    model = kcc.FractalNet20(classifier_activation=None, **{**NARROW, "dropout": 0.0, **options})
    randomise(model)
    return model


def layers_of(model, kind):
    return [layer for layer in model.layers if type(layer) is kind]


def names(model, kind):
    return [layer.name for layer in layers_of(model, kind)]


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_the_fractal_has_its_convolutions_and_joins(columns):
    model = kcc.FractalNetDeep(columns=columns, widths=(2, 2, 2, 2, 2))
    assert len(layers_of(model, keras.layers.Conv2D)) == 5 * (2**columns - 1)
    # a join behind every second convolution of the deepest column, none where there is one only
    assert len(layers_of(model, FractalJoin)) == 5 * (2 ** (columns - 1) // 2)
    for column in range(1, columns + 1):
        mine = [n for n in names(model, keras.layers.Conv2D) if f"_column{column}_" in n]
        assert len(mine) == 5 * 2 ** (column - 1)


def test_the_values_are_those_of_the_expansion_rule():
    """f_1 = conv, f_{C+1} = join(f_C . f_C, conv), computed by the rule from the net's layers."""
    model = narrow()
    x = images(2, 32, 32, 3)
    value = tf.constant(x)
    for stage in range(1, 6):
        used = dict.fromkeys((1, 2, 3), 0)

        def unit(x, column, stage=stage, used=used):
            used[column] += 1
            for kind in ("conv", "bn", "relu"):
                x = model.get_layer(f"stage{stage}_column{column}_{kind}{used[column]}")(x)
            return x

        def outputs(x, shallowest, unit):
            if shallowest == 3:
                return [unit(x, 3)]
            single = unit(x, shallowest)
            middle = outputs(x, shallowest + 1, unit)
            middle = tf.add_n(middle) / len(middle)
            return [single, *outputs(middle, shallowest + 1, unit)]

        pooled = [tf.nn.max_pool2d(y, 2, 2, "VALID") for y in outputs(value, 1, unit)]
        value = tf.add_n(pooled) / 3
    expected = model.get_layer("predictions")(tf.reduce_mean(value, axis=(1, 2)))
    np.testing.assert_allclose(model(x), expected, rtol=1e-3, atol=1e-4)


def test_every_column_is_pooled_before_the_last_join():
    """The mean of maxima, not the maximum of the mean."""
    model = shared_model("fractalnet20")
    join = model.get_layer("stage1_join")
    assert [t.shape[1] for t in join.input[:3]] == [16, 16, 16]
    producers = {layer.name for layer in layers_of(model, keras.layers.MaxPooling2D)}
    assert producers == {f"stage{s}_column{c}_pool" for s in range(1, 6) for c in (1, 2, 3)}


def test_dropout_stands_between_convolution_and_normalisation():
    """Others drop behind the activation, or before the classifier."""
    model = shared_model("fractalnet20")
    rates = {layer.name: layer.rate for layer in layers_of(model, keras.layers.Dropout)}
    assert len(rates) == 4 * 7
    for stage, rate in ((2, 0.1), (3, 0.2), (4, 0.3), (5, 0.4)):
        assert rates[f"stage{stage}_column3_dropout4"] == pytest.approx(rate)
    dropout = model.get_layer("stage2_column1_dropout1")
    assert dropout.input is model.get_layer("stage2_column1_conv1").output
    assert model.get_layer("stage2_column1_bn1").input is dropout.output
    assert layers_of(kcc.FractalNet20(**NARROW, dropout=0.0), keras.layers.Dropout) == []


def test_convolutions_have_no_bias_and_normalisations_scale():
    model = shared_model("fractalnet20")
    assert not any(layer.use_bias for layer in layers_of(model, keras.layers.Conv2D))
    assert all(layer.scale and layer.center for layer in layers_of(model, BatchNormalization))


@pytest.mark.parametrize(
    ("name", "layer"), [("fractalnet20", "stage3_column1_conv1"), ("fractalnet34", "stem_conv")]
)
def test_weights_start_as_in_caffe(name, layer):
    kernel = shared_model(name).get_layer(layer).kernel.numpy()
    limit = np.sqrt(3 / np.prod(kernel.shape[:3]))
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)


def test_all_joins_share_one_draw():
    model = shared_model("fractalnet20")
    (path,) = layers_of(model, FractalPath)
    assert path.columns == 3 and path.global_rate == 0.5
    joins = layers_of(model, FractalJoin)
    assert all(join.rate == 0.15 and join.input[-1] is path.output for join in joins)
    plain = narrow(drop_path=0.0)
    assert layers_of(plain, FractalPath) == []
    assert all(join.rate == 0 for join in layers_of(plain, FractalJoin))


def test_without_drop_path_and_dropout_training_is_inference_but_for_statistics():
    x = images(4, 32, 32, 3)
    plain, dropping = narrow(drop_path=0.0), narrow(drop_path=0.5)
    for model in (plain, dropping):
        for layer in layers_of(model, BatchNormalization):
            layer.trainable = False
    np.testing.assert_allclose(plain(x, training=True), plain(x), atol=1e-5)
    np.testing.assert_allclose(dropping(x), plain(x), atol=1e-5)
    assert np.ptp(np.asarray(dropping(x, training=True)) - plain(x)) > 0.01


def test_global_drop_path_is_the_column_as_a_net_of_its_own():
    """One column for the whole net, at every join and for each sample by itself."""
    model = narrow()
    for layer in layers_of(model, BatchNormalization):
        layer.trainable = False  # moving averages in training too
    (path,) = layers_of(model, FractalPath)
    bound = keras.Model([model.inputs[0], path.output], model.output)
    x = images(3, 32, 32, 3)
    together = np.asarray(bound([x, np.eye(3, dtype="float32")], training=True))
    alone = [kcc.column(model, c)(x) for c in (1, 2, 3)]
    for i in range(3):
        np.testing.assert_allclose(together[i], alone[i][i], rtol=1e-3, atol=1e-4)
        assert np.ptp(together[i] - alone[(i + 1) % 3][i]) > 0.01


def test_the_same_seed_gives_the_same_run():
    x, runs = images(4, 32, 32, 3), []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        model = kcc.FractalNet20(**NARROW)
        keras.utils.set_random_seed(0)  # the layers have their own generators
        randomise(model)
        runs.append(np.stack([model(x, training=True) for _ in range(2)]))
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.any(runs[0] != runs[2]) and np.any(runs[0][0] != runs[0][1])


def test_drop_path_for_a_whole_batch():
    model = narrow(per="batch")
    assert {layer.per for layer in layers_of(model, FractalJoin)} == {"batch"}
    x = np.repeat(images(1, 32, 32, 3), 4, axis=0)
    for layer in layers_of(model, BatchNormalization):
        layer.trainable = False
    y = np.asarray(model(x, training=True))
    np.testing.assert_allclose(y, y[:1].repeat(4, axis=0), rtol=1e-4, atol=1e-4)


def test_the_imagenet_net_starts_with_a_large_convolution():
    model = shared_model("fractalnet34")
    stem = model.get_layer("stem_conv")
    assert (stem.kernel_size, stem.strides, stem.filters) == ((7, 7), (2, 2), 64)
    assert layers_of(model, keras.layers.Dropout) == []
    weighted = [n for n in names(model, keras.layers.Conv2D) if "column4" in n]
    assert 1 + len(weighted) + 1 == 34


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": (4, 4)}, r"`widths` must be a tuple of 5 positive integers. Received: widths="),
        ({"widths": (4, 4, 4, 4, 0)}, r"`widths` must be at least 1. Received: widths=0"),
        ({"drop_path": 1.0}, "`drop_path` must be less than 1. Received: drop_path=1.0"),
        ({"dropout": -0.1}, "`dropout` must be at least 0. Received: dropout=-0.1"),
        ({"per": "net"}, "`per` must be one of 'sample', 'batch'. Received: per='net'"),
    ],
)
def test_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        kcc.FractalNet20(**options)
    with pytest.raises(TypeError, match="no argument `columns`"):
        kcc.FractalNet20(columns=2)
