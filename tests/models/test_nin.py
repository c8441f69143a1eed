"""What is usually got wrong about Network in Network."""

import keras
import numpy as np
import pytest
from harness import images, shared_model

import keras_classic_cnns as kcc
from keras_classic_cnns.layers import PaddedAveragePooling2D, PaddedMaxPooling2D


def test_the_second_pool_for_cifar_is_an_average():
    model = shared_model("nincifar")
    assert isinstance(model.get_layer("stage1_pool"), PaddedMaxPooling2D)
    assert isinstance(model.get_layer("stage2_pool"), PaddedAveragePooling2D)


def test_pools_round_up():
    """32, 16, 8; rounded down it would be 32, 15, 7."""
    model = shared_model("nincifar")
    sizes = [model.get_layer(f"stage{i}_pool").output.shape[1] for i in (1, 2)]
    assert sizes == [16, 8]
    assert model.get_layer("avg_pool").input.shape[1:] == (8, 8, 10)


def test_every_convolution_has_a_bias_and_a_relu_also_the_last():
    for name, depth in (("nincifar", 9), ("nin", 12)):
        layers = shared_model(name).layers
        convs = [i for i, layer in enumerate(layers) if isinstance(layer, keras.layers.Conv2D)]
        assert len(convs) == depth
        for i in convs:
            assert layers[i].use_bias and isinstance(layers[i + 1], keras.layers.ReLU)
        kinds = [type(layer).__name__ for layer in layers]
        assert "BatchNormalization" not in kinds and "Dense" not in kinds


def test_logits_are_means_of_rectified_maps():
    model = kcc.NiNCIFAR(classifier_activation=None)
    logits = model(images(4, 32, 32, 3))
    assert np.min(logits) >= 0 and np.max(logits) > 0
    assert model.layers[-1].name == "predictions" and not model.layers[-1].weights


def test_dropout_comes_behind_the_pools():
    names = [layer.name for layer in shared_model("nincifar").layers]
    for stage in (1, 2):
        assert names[names.index(f"stage{stage}_pool") + 1] == f"stage{stage + 1}_dropout"
    names = [layer.name for layer in shared_model("nin").layers]
    assert [n for n in names if n.endswith("dropout")] == ["stage4_dropout"]
    assert names[names.index("stage3_pool") + 1] == "stage4_dropout"


def test_weights_start_as_he_et_al_say():
    layer = shared_model("nin").get_layer("stage3_conv1")
    assert np.std(layer.kernel) == pytest.approx(np.sqrt(2 / (9 * 384)), rel=0.02)
    assert not np.any(layer.bias)


def test_widths_of_the_first_stage_for_cifar():
    model = shared_model("nincifar")
    assert [model.get_layer(f"stage1_conv{i}").filters for i in (1, 2, 3)] == [192, 160, 96]
    assert [model.get_layer(f"stage2_conv{i}").filters for i in (1, 2, 3)] == [192] * 3


def test_any_size_is_classified():
    model = kcc.NiNCIFAR(input_shape=(None, None, 3))
    assert model(images(2, 20, 33, 3)).shape == (2, 10)


def test_a_crop_of_224_gives_the_same_sizes():
    small = kcc.NiN(include_top=False, input_shape=(224, 224, 3), weights=None)
    assert [t.shape[1] for t in kcc.endpoints(small).values()] == [27, 13, 6, 6]
