"""The memory of a step, where it can be counted by hand."""

import keras
import pytest
import tensorflow as tf
from keras import layers

import keras_classic_cnns as kcc
from keras_classic_cnns.analysis import training_memory


def compiled(model, optimizer="sgd", loss="mse"):
    model.compile(optimizer, loss)
    return model


def batches(batch, inputs, outputs):
    return tf.data.Dataset.from_tensors((tf.zeros((batch, *inputs)), tf.zeros((batch, *outputs))))


@pytest.mark.parametrize(
    ("optimizer", "copies"),
    [
        (keras.optimizers.SGD(), 0),
        (keras.optimizers.SGD(momentum=0.9), 1),
        (keras.optimizers.Adam(), 2),
        (keras.optimizers.SGD(momentum=0.9, use_ema=True), 2),
    ],
)
def test_weights_and_optimizer_are_counted(optimizer, copies):
    model = compiled(keras.Sequential([keras.Input((100,)), layers.Dense(50)]), optimizer)
    memory = training_memory(model, batches(2, (100,), (50,)))
    assert memory.weights == 4 * (100 * 50 + 50)
    assert memory.optimizer == pytest.approx(copies * memory.weights, abs=32)
    assert memory.total == memory.weights + memory.optimizer + memory.step


def chain(depth, width=1000):
    return keras.Sequential(
        [keras.Input((width,)), *(layers.Activation("tanh") for _ in range(depth)), layers.Dense(1)]
    )


def test_what_the_way_back_needs_is_kept():
    """tanh's gradient needs its output: each of the layers holds 8 x 1000 values."""
    small, large = (
        training_memory(compiled(chain(depth)), batches(8, (1000,), (1,))).step for depth in (5, 25)
    )
    # nothing trains below the last layer, so that only one output is kept
    assert small == large
    first = keras.Sequential([keras.Input((1000,)), layers.EinsumDense("bi,i->bi", 1000)])

    def trained(depth):
        x = image = keras.Input((1000,))
        x = first(x)
        for _ in range(depth):
            x = layers.Activation("tanh")(x)
        return compiled(keras.Model(image, layers.Dense(1)(x)))

    small, large = (
        training_memory(trained(depth), batches(8, (1000,), (1,))).step for depth in (5, 25)
    )
    assert large - small == pytest.approx(20 * 8 * 1000 * 4, rel=0.05)


def test_memory_grows_with_the_batch_and_shrinks_with_recomputing():
    def step(batch, **options):
        model = kcc.DenseNet40_12(weights=None, input_shape=(32, 32, 3), **options)
        labels = tf.zeros((batch,), "int32")
        data = tf.data.Dataset.from_tensors((tf.zeros((batch, 32, 32, 3)), labels))
        return training_memory(compiled(model, loss="sparse_categorical_crossentropy"), data).step

    plain = step(8)
    assert step(16) == pytest.approx(2 * plain, rel=0.1)
    assert step(8, memory_efficient=True) < 0.5 * plain


def test_what_cannot_be_estimated():
    model = compiled(chain(1))
    ragged = tf.data.Dataset.from_tensor_slices((tf.zeros((3, 1000)), tf.zeros((3, 1)))).batch(2)
    with pytest.raises(ValueError, match="of one size.*Received: batches"):
        training_memory(model, ragged)
    with pytest.raises(ValueError, match="must be compiled.*Received: model"):
        training_memory(chain(1), batches(2, (1000,), (1,)))


def test_the_images_of_a_step_count():
    model = compiled(keras.Sequential([keras.Input((1000,)), layers.Dense(1)]))
    assert training_memory(model, batches(8, (1000,), (1,))).step > 8 * 1000 * 4
