"""In float16 all replicas leave a step out when the gradients of one overflow."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import two_replicas

import keras_classic_cnns as kcc
from keras_classic_cnns.recipes import Execution, SharedLossScaleOptimizer


@pytest.fixture(params=[0, 1], ids=["first", "second"])
def batches(request):
    """Four, of which the third overflows in the share of one replica."""
    x = np.random.default_rng(0).normal(size=(4, 8, 4)).astype("float32")
    x[2].reshape(2, 4, 4)[request.param] = 6e4  # the largest float16 is 65504
    return tf.data.Dataset.from_tensor_slices((x, np.ones((4, 8, 2), "float32")))


def test_a_step_that_overflows_in_one_replica_is_left_out(batches):
    found = []
    for strategy in (tf.distribute.get_strategy(), two_replicas()):
        keras.utils.set_random_seed(1)
        with strategy.scope():
            hidden = keras.layers.Dense(4, dtype="mixed_float16")
            model = keras.Sequential([keras.Input((4,)), hidden, keras.layers.Dense(2)])
            inner = keras.optimizers.SGD(0.1)
            optimizer = SharedLossScaleOptimizer(inner, initial_scale=4.0, dynamic_growth_steps=99)
            model.compile(optimizer, "mse", auto_scale_loss=False)
        model.fit(batches, verbose=0)
        numbers = (optimizer.dynamic_scale, optimizer.iterations)
        assert [float(keras.ops.convert_to_numpy(number)) for number in numbers] == [2, 3]
        found.append(model.get_weights())
    for one, two in zip(*found, strict=True):
        assert np.all(np.isfinite(one))
        np.testing.assert_allclose(two, one, atol=1e-3)


def test_a_recipe_takes_it_over_replicas_alone(tmp_path):
    execution = Execution(precision="mixed_float16")
    models = []
    for strategy in (tf.distribute.get_strategy(), two_replicas()):
        with strategy.scope(), execution.building():
            models.append(kcc.LeNet5(weights=None))
            kcc.recipes.get("lenet5").compile(models[-1], steps_per_epoch=1, execution=execution)
    one, two = models
    assert type(one.optimizer) is keras.mixed_precision.LossScaleOptimizer
    assert type(two.optimizer) is SharedLossScaleOptimizer
    two.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(again.optimizer) is SharedLossScaleOptimizer
