"""What conversion reads from graphs."""

import keras
from harness import shared_model
from keras import layers

import keras_classic_cnns as kcc
from keras_classic_cnns.weights import graph


def test_the_map_in_front_of_a_dense_layer_is_found_behind_dropout():
    maps = keras.Input((2, 3, 4))
    x = layers.Dropout(0.5)(layers.Flatten()(maps))
    model = keras.Model(maps, layers.Dense(5, name="second")(layers.Dense(5, name="first")(x)))
    assert graph.flattened_maps(model) == {"first/kernel": (2, 3, 4)}


def test_first_kernels_see_the_image_through_layers_without_weights():
    image = keras.Input((8, 8, 3))
    x = layers.ZeroPadding2D(1)(image)
    sides = [layers.Conv2D(2, 3, name=name)(x) for name in ("one", "other")]
    y = layers.Conv2D(2, 1, name="behind")(layers.Concatenate()(sides))
    model = keras.Model(image, y)
    assert graph.first_kernels(model) == {"one/kernel", "other/kernel"}
    assert graph.first_kernels(shared_model("resnet20")) == {"stem_conv/kernel"}


def test_a_classifier_is_dense_or_the_last_convolution():
    assert graph.classifiers(shared_model("resnet20")) == {
        "predictions": {"predictions/kernel", "predictions/bias"}
    }
    assert graph.classifiers(shared_model("squeezenet11")) == {
        "predictions": {"conv10/kernel", "conv10/bias"}
    }


def test_a_body_has_no_classifier():
    body = kcc.ResNet20(include_top=False, pooling="avg")
    assert graph.classifiers(body) == {}


def test_auxiliary_classifiers_count():
    model = kcc.NASNetCIFAR(cells=1, filters=24, aux_heads=True)
    assert graph.auxiliary_heads(model) == ["aux1"]
    assert graph.classifiers(model).keys() == {"predictions", "aux1"}
    assert graph.classifiers(model)["aux1"] == {"aux1/kernel", "aux1/bias"}


def test_what_else_reads_a_convolution_keeps_it_from_being_folded_into():
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 1, use_bias=False, name="conv")(image)
    y = layers.BatchNormalization(name="bn", scale=False)(x)
    (pair,) = graph.normalised_layers(keras.Model(image, y))
    assert (pair.layer, pair.norm, pair.filters) == ("conv", "bn", 4)
    assert not pair.has_bias and not pair.has_gamma
    assert graph.normalised_layers(keras.Model(image, [x, y])) == []
    assert graph.normalised_layers(keras.Model(image, layers.Add()([x, y]))) == []


def test_epsilons_of_composite_layers_count():
    epsilons = graph.epsilons(shared_model("densenet40_12"))
    assert epsilons["stage1_block/layer1/bn1/moving_variance"] == 1e-5
    assert epsilons["stage3_bn/moving_variance"] == 1e-5
