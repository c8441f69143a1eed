"""Moving averages that rest while a branch is dropped."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, two_replicas

from keras_classic_cnns.layers import BatchNormalization, GatedBatchNormalization, SurvivalGate

X = 3 + images(8, 4, 4, 2)
OPEN, CLOSED = np.ones((8, 1), "float32"), np.zeros((8, 1), "float32")


def averages(layer):
    return [np.array(value) for value in (layer.moving_mean, layer.moving_variance)]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_an_open_gate_is_batch_normalization_and_a_closed_one_moves_nothing(jit_compile):
    gated, plain = GatedBatchNormalization(momentum=0.5), BatchNormalization(momentum=0.5)
    for layer in (gated, plain):
        layer.build(X.shape)

    @tf.function(jit_compile=jit_compile)
    def step(gate):
        return gated(X, gate=gate, training=True)

    closed = step(tf.constant(CLOSED))
    np.testing.assert_array_equal(averages(gated), [np.zeros(2), np.ones(2)])
    expected = plain(X, training=True)
    np.testing.assert_allclose(closed, expected, atol=1e-5)  # the output is the same in any case
    np.testing.assert_allclose(step(tf.constant(OPEN)), expected, atol=1e-5)
    np.testing.assert_allclose(averages(gated), averages(plain), rtol=1e-5)
    moved = averages(gated)
    step(tf.constant(CLOSED))
    np.testing.assert_array_equal(averages(gated), moved)


def test_one_open_sample_is_enough():
    layer = GatedBatchNormalization()
    gate = CLOSED.copy()
    gate[3] = 1
    layer(X, gate=gate, training=True)
    assert np.all(averages(layer)[0] > 0.01)


def test_inference_knows_no_gate():
    layer = GatedBatchNormalization()
    np.testing.assert_array_equal(layer(X, gate=CLOSED), layer(X))
    np.testing.assert_array_equal(averages(layer), [np.zeros(2), np.ones(2)])


def test_a_frozen_layer_rests():
    layer = GatedBatchNormalization()
    layer.build(X.shape)
    layer.trainable = False
    layer(X, gate=OPEN, training=True)
    np.testing.assert_array_equal(averages(layer), [np.zeros(2), np.ones(2)])


def test_only_averages_are_put_back(monkeypatch):
    """Those of a frozen layer are not all of its variables that are not trained."""
    layer = GatedBatchNormalization()
    layer.build(X.shape)
    layer.trainable = False
    assigned = []
    monkeypatch.setattr(type(layer.gamma), "assign", lambda self, _: assigned.append(self.name))
    layer(X, gate=OPEN, training=True)
    assert assigned == ["moving_mean", "moving_variance"]


def test_over_two_replicas_all_rest_in_the_same_steps():
    """A condition around the update would fail here: replicas cannot merge inside of one."""
    with two_replicas().scope():
        image = keras.Input((4, 4, 2))
        gate = SurvivalGate(0.5, seed=5, name="gate")(image)
        x = GatedBatchNormalization(momentum=0.5, name="bn")(image, gate=gate)
        model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))
        model.compile(keras.optimizers.SGD(0.1), "mse")
    moving_mean = model.get_layer("bn").moving_mean
    seen = [np.zeros((2, 2))]

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(np.stack([replica.numpy() for replica in moving_mean.value.values]))

    x = np.repeat(3.0 * np.arange(10), 8)[:, None, None, None] + images(80, 4, 4, 2)
    model.fit(x, np.zeros((80, 2)), batch_size=8, shuffle=False, verbose=0, callbacks=[Watch()])
    moves = np.any(np.diff(seen, axis=0) != 0, axis=2)  # (steps, replicas)
    assert np.all(moves[:, 0] == moves[:, 1])
    assert 0 < moves[:, 0].sum() < 10
