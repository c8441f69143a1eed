"""DenseBlock: dense connectivity, and its form that needs less memory."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, randomise, run_python, two_replicas

from keras_classic_cnns.layers import DenseBlock

X, Y = images(8, 6, 6, 3), images(8, 2, seed=1)


def small_net(memory_efficient=False, dropout=0.2, **arguments):
    keras.utils.set_random_seed(3)
    image = keras.Input((6, 6, 3))
    block = DenseBlock(
        3, 4, dropout=dropout, memory_efficient=memory_efficient, seed=1, name="b", **arguments
    )
    x = keras.layers.GlobalAveragePooling2D()(block(image))
    model = keras.Model(image, keras.layers.Dense(2, name="out")(x))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def step(model):
    """Loss and weights after a training step; the weights are the initial ones less gradients."""
    return [model.train_on_batch(X, Y), *model.get_weights()]


def assert_same(ours, theirs, tolerance=1e-5):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


def test_each_layer_sees_all_maps_before_it_and_the_input_comes_first():
    block = DenseBlock(3, 4)
    y = block(X)
    assert [layer.conv1.kernel.shape[2] for layer in block.layers] == [3, 7, 11]
    np.testing.assert_array_equal(y[..., :3], X)
    np.testing.assert_array_equal(y[..., 3:7], block.layers[0](X))


def test_no_two_layers_begin_alike():
    block = DenseBlock(3, 4, kernel_initializer="he_normal")
    block.build((None, 6, 6, 4))
    kernels = [np.asarray(layer.conv2.kernel) for layer in block.layers]
    assert len({kernel.tobytes() for kernel in kernels}) == 3


def test_no_two_layers_drop_alike():
    block = DenseBlock(2, 4, bottleneck=False, dropout=0.5, seed=0)
    y = np.asarray(block(X, training=True))
    assert np.any((y[..., 3:7] == 0) != (y[..., 7:] == 0))


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("bottleneck", [True, False])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_recomputing_changes_nothing(bottleneck, dropout, jit_compile):
    results = []
    for memory_efficient in (True, False):
        model = small_net(memory_efficient, dropout, bottleneck=bottleneck)
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit_compile)
        results.append(step(model))
    assert_same(*results)


def test_recomputing_eagerly():
    results = []
    for memory_efficient in (True, False):
        model = small_net(memory_efficient)
        model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
        results.append(step(model))
    assert_same(*results)


def test_recomputing_over_two_replicas():
    results = []
    for memory_efficient in (True, False):
        with two_replicas().scope():
            model = small_net(memory_efficient)
        data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
        model.fit(data, epochs=2, shuffle=False, verbose=0)
        results.append(model.get_weights())
    assert_same(*results)


def test_every_gradient_of_a_long_block_is_summed_as_it_comes():
    """No sum of more than a few terms: their number would grow with the depth."""
    block = DenseBlock(8, 4, memory_efficient=True)
    block.build((None, 6, 6, 3))

    @tf.function
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(block(x, training=True) ** 2)
        return tape.gradient(y, x)

    operations = run.get_concrete_function(tf.TensorSpec((2, 6, 6, 3))).graph.get_operations()
    sums = [len(operation.inputs) for operation in operations if operation.type == "AddN"]
    assert sums and max(sums) <= 3


RELOAD = """
import sys, keras, numpy as np, keras_classic_cnns
model = keras.saving.load_model(sys.argv[1] + "/net.keras", safe_mode=True)
assert model.get_layer("b").memory_efficient
assert all(layer.memory_efficient for layer in model.get_layer("b").layers)
data = np.load(sys.argv[1] + "/data.npz")
loss = model.train_on_batch(data["x"], data["y"])
np.savez(sys.argv[1] + "/after.npz", loss, *model.get_weights())
"""


def test_a_reloaded_net_trains_on_in_the_same_form(tmp_path):
    model = small_net(True, dropout=0.0)  # Keras does not save where its random numbers stand
    step(model)
    model.save(tmp_path / "net.keras")
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    run_python(RELOAD, tmp_path)
    expected = step(model)
    after = np.load(tmp_path / "after.npz")
    assert_same([after[f"arr_{i}"] for i in range(len(expected))], expected)


@pytest.mark.parametrize("saved", [False, True])
def test_weights_of_one_form_load_into_the_other(tmp_path, saved):
    source, target = small_net(saved, dropout=0.2), small_net(not saved, dropout=0.2)
    randomise(source)
    assert [w.path for w in source.weights] == [w.path for w in target.weights]
    source.save_weights(tmp_path / "net.weights.h5")
    target.load_weights(tmp_path / "net.weights.h5")
    assert_same(source.get_weights(), target.get_weights(), tolerance=0)
    assert_same(step(source), step(target))


def test_weights_load_whatever_the_dropout(tmp_path):
    for rates in ((0.0, 0.2), (0.2, 0.0)):
        source, target = (small_net(dropout=rate) for rate in rates)
        randomise(source)
        source.save_weights(tmp_path / "net.weights.h5")
        target.load_weights(tmp_path / "net.weights.h5")
        assert_same(source.get_weights(), target.get_weights(), tolerance=0)


def test_a_summary_can_show_the_layers():
    text = io.StringIO()
    small_net().summary(expand_nested=True, print_fn=lambda line: text.write(line + "\n"))
    assert all(f"layer{number}" in text.getvalue() for number in (1, 2, 3))


def test_layers_can_be_frozen():
    model = small_net(True)
    block = model.get_layer("b")
    block.layers[0].trainable = False
    before = block.layers[0].get_weights()
    later = block.layers[1].get_weights()
    step(model)
    assert_same(block.layers[0].get_weights(), before, tolerance=0)
    assert any(np.any(a != b) for a, b in zip(block.layers[1].get_weights(), later, strict=True))


def test_refuses():
    with pytest.raises(ValueError, match="`depth` must be at least 1. Received: depth=0"):
        DenseBlock(0, 4)
    with pytest.raises(ValueError, match="`dropout` must be at least 0. Received: dropout=-1"):
        DenseBlock(2, 4, dropout=-1)
    with pytest.raises(TypeError, match="`seed` must be an integer. Received: seed='a'"):
        DenseBlock(2, 3, dropout=0.2, seed="a")
    with pytest.raises(ValueError, match=r"channels known. Received: inputs.shape=\(None, 8, 8, N"):
        DenseBlock(2, 3)(keras.Input((8, 8, None)))
