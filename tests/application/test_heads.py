"""Heads end in `predictions`, in float32."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from harness import images

from keras_classic_cnns.application import convolutional_head, dropout_head, pooled_head


def build(head):
    maps = keras.Input((4, 5, 6))
    return keras.Model(maps, head(maps))


def test_dropout_head_drops_out_before_the_classifier_where_the_net_does():
    model = build(lambda x: dropout_head(x, SimpleNamespace(dropout=0.4), 3, "softmax"))
    assert [layer.name for layer in model.layers[1:]] == ["avg_pool", "dropout", "predictions"]
    assert model.get_layer("dropout").rate == 0.4
    without = build(lambda x: dropout_head(x, SimpleNamespace(dropout=0.0), 3, None))
    plain = build(lambda x: pooled_head(x, SimpleNamespace(), 3, None))
    for model in (without, plain):
        assert [layer.name for layer in model.layers[1:]] == ["avg_pool", "predictions"]


def test_convolutional_head_is_the_mean_of_each_channel():
    x = images(2, 4, 5, 6)
    model = build(lambda maps: convolutional_head(maps, None))
    np.testing.assert_allclose(model.predict(x, verbose=0), x.mean(axis=(1, 2)), atol=1e-6)
    assert model.layers[-1].activation.__name__ == "linear"
    assert not model.weights


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16"])
def test_convolutional_head_computes_in_float32(policy):
    keras.config.set_dtype_policy(policy)
    model = build(lambda maps: convolutional_head(maps, "softmax"))
    assert [layer.compute_dtype for layer in model.layers[-2:]] == ["float32"] * 2
