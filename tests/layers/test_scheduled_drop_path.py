"""Drop-path: what it drops, how often, and how it counts."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, two_replicas

from keras_classic_cnns.layers import ScheduledDropPath


def ones(batch, *shape):
    return np.ones((batch, *(shape or (2, 3, 4))), "float32")


def dropped(layer, batch=4000):
    """The share of images that a training step drops."""
    return float(np.mean(np.asarray(layer(ones(batch, 1), training=True)) == 0))


def test_each_image_is_dropped_as_a_whole_and_the_others_are_scaled():
    y = np.asarray(ScheduledDropPath(0.25, seed=1)(ones(200), training=True)).reshape(200, -1)
    assert np.all(y == y[:, :1])
    assert {round(float(value), 5) for value in y[:, 0]} == {0.0, round(1 / 0.75, 5)}


def test_the_rate_is_that_of_the_depth():
    for depth in (0.25, 1.0):
        assert abs(dropped(ScheduledDropPath(0.4, depth, seed=1)) - depth * 0.4) < 0.03


def test_the_mean_stays():
    y = ScheduledDropPath(0.4, seed=1)(ones(20000, 1), training=True)
    assert abs(float(np.mean(np.asarray(y))) - 1) < 0.03


def test_the_rate_grows_with_the_steps():
    layer = ScheduledDropPath(0.8, depth=0.5, total_steps=4, seed=1)
    shares = [dropped(layer) for _ in range(7)]
    np.testing.assert_allclose(shares, [0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.4], atol=0.03)
    assert shares[0] == 0


def test_only_training_counts_a_step():
    layer = ScheduledDropPath(0.5, total_steps=10)
    x = images(2, 4, 4, 3)
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer(x, training=False), x)
    assert int(layer.step) == 0
    step = tf.function(lambda x: layer(x, training=True))
    for _ in range(3):
        step(x)
    assert int(layer.step) == 3


def test_without_a_schedule_there_is_no_weight():
    layer = ScheduledDropPath(0.5)
    layer.build((None, 4))
    assert layer.weights == [] and layer.count_params() == 0
    scheduled = ScheduledDropPath(0.5, total_steps=2)
    scheduled.build((None, 4))
    assert scheduled.count_params() == 1
    assert scheduled.trainable_weights == [] and scheduled.step.dtype == "int64"


def test_same_seed_same_run():
    runs = []
    for seed in (1, 1, 2):
        layer = ScheduledDropPath(0.5, seed=seed)
        runs.append([np.asarray(layer(ones(64, 1), training=True)) for _ in range(2)])
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])
    assert not np.array_equal(runs[0][0], runs[0][1])  # every step draws anew


def net(steps=5):
    image = keras.Input((4,))
    x = ScheduledDropPath(0.5, total_steps=steps, seed=1, name="drop")(image)
    return keras.Model(image, keras.layers.Dense(1)(x))


def test_the_step_is_saved_with_the_model(tmp_path):
    model = net()
    model.compile("sgd", "mse")
    model.fit(ones(12, 4), np.ones(12), batch_size=4, epochs=1, verbose=0)
    assert int(model.get_layer("drop").step) == 3
    model.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    assert int(again.get_layer("drop").step) == 3
    again.fit(ones(4, 4), np.ones(4), verbose=0)
    assert int(again.get_layer("drop").step) == 4


def test_replicas_make_one_step_together():
    with two_replicas().scope():
        model = net()
        model.compile("sgd", "mse")
    data = tf.data.Dataset.from_tensor_slices((ones(24, 4), np.ones((24, 1)))).batch(8)
    model.fit(data, epochs=2, verbose=0)
    assert model.get_layer("drop").step.numpy() == 6
    assert model.optimizer.iterations.numpy() == 6


def test_it_trains_under_xla():
    model = net()
    model.compile("sgd", "mse", jit_compile=True)
    model.fit(ones(8, 4), np.ones(8), batch_size=4, verbose=0)
    assert int(model.get_layer("drop").step) == 2


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"rate": 1.0}, ValueError, "`rate` must be less than 1. Received: rate=1.0"),
        ({"rate": -0.1}, ValueError, "`rate` must be at least 0"),
        ({"rate": 0.1, "depth": 0}, ValueError, "`depth` must be above 0. Received: depth=0"),
        ({"rate": 0.1, "depth": 2}, ValueError, "`depth` must be at most 1"),
        ({"rate": 0.1, "total_steps": 0}, ValueError, "`total_steps` must be at least 1"),
        ({"rate": 0.1, "total_steps": 1.5}, TypeError, "`total_steps` must be an integer"),
        ({"rate": 0.1, "seed": "a"}, TypeError, "`seed` must be an integer"),
    ],
)
def test_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        ScheduledDropPath(**arguments)
