"""DenseLayer: the composite function of DenseNet, plain and recomputed."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, randomise

from keras_classic_cnns.layers import DenseLayer

SHAPE = (4, 6, 5, 7)
MODES = {"eager": {}, "graph": {"jit_compile": False}, "xla": {"jit_compile": True}}


def make(memory_efficient, **arguments):
    layer = DenseLayer(3, memory_efficient=memory_efficient, seed=5, **arguments)
    layer.build(SHAPE)
    randomise(layer)
    return layer


def step(layer, mode="eager"):
    """Output of a training step, gradients of input and weights, and the moving statistics."""

    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
            loss = tf.reduce_sum(tf.cast(y, "float32") * images(*y.shape, seed=2))
        return y, *tape.gradient(loss, [x, *(w.value for w in layer.trainable_weights)])

    function = run if mode == "eager" else tf.function(run, **MODES[mode])
    values = function(tf.cast(images(*SHAPE), layer.compute_dtype))
    return [np.asarray(tf.cast(v, "float32")) for v in (*values, *layer.non_trainable_weights)]


def assert_same(ours, theirs, tolerance=1e-5):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance * max(1, np.abs(b).max()))


def gradients_of(layer):
    """The gradients of the weights in a training step, a function of the input."""

    def run(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(layer(x, training=True) ** 2)
        return tape.gradient(y, [w.value for w in layer.trainable_weights])

    return run


def test_with_a_bottleneck_the_1x1_convolution_has_4k_filters():
    layer = make(False)
    assert layer.conv1.kernel.shape == (1, 1, 7, 12) and layer.conv2.kernel.shape == (3, 3, 12, 3)
    plain = make(False, bottleneck=False)
    assert plain.conv1.kernel.shape == (3, 3, 7, 3) and not hasattr(plain, "conv2")
    assert not layer.conv1.use_bias and not plain.conv1.use_bias


def test_normalisation_and_activation_come_before_the_convolution():
    """A ReLU at the end would leave nothing below zero."""
    layer = make(False, bottleneck=False)
    assert np.min(layer(images(*SHAPE))) < 0
    layer.bn1.beta.assign([-1e3] * 7)
    np.testing.assert_array_equal(layer(images(*SHAPE)), np.zeros((4, 6, 5, 3)))


@pytest.mark.parametrize("memory_efficient", [False, True])
@pytest.mark.parametrize("bottleneck, dropped", [(True, [12, 3]), (False, [3])])
def test_dropout_follows_each_convolution(monkeypatch, bottleneck, dropped, memory_efficient):
    channels, dropout = [], keras.random.dropout

    def spy(x, *args, **kwargs):
        channels.append(x.shape[-1])
        return dropout(x, *args, **kwargs)

    monkeypatch.setattr(keras.random, "dropout", spy)
    layer = make(memory_efficient, bottleneck=bottleneck, dropout=0.5)
    y = np.asarray(layer(images(*SHAPE), training=True))
    assert channels == dropped
    assert 0.3 < np.mean(y == 0) < 0.7
    layer(images(*SHAPE), training=False)
    assert channels == dropped


@pytest.mark.parametrize("memory_efficient", [False, True])
def test_same_seed_same_values(memory_efficient):
    first, second = (make(memory_efficient, dropout=0.5) for _ in range(2))
    x = images(*SHAPE)
    one, two = first(x, training=True), first(x, training=True)
    np.testing.assert_array_equal(one, second(x, training=True))
    assert np.any(np.asarray(one) != np.asarray(two))
    assert first.get_config()["seed"] == 5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("bottleneck", [True, False])
def test_recomputing_changes_nothing(bottleneck, dropout, mode):
    arguments = {"bottleneck": bottleneck, "dropout": dropout}
    assert_same(step(make(True, **arguments), mode), step(make(False, **arguments), mode))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_recomputing_changes_nothing_in_half_precision(policy):
    assert_same(step(make(True, dtype=policy)), step(make(False, dtype=policy)), 1e-2)


def test_recomputing_with_frozen_statistics():
    layers = [make(memory_efficient) for memory_efficient in (True, False)]
    for layer in layers:
        layer.bn1.trainable = False
    before = layers[0].bn1.get_weights()
    assert_same(*map(step, layers))
    assert_same(layers[0].bn1.get_weights(), before, tolerance=0)


@pytest.mark.parametrize("mode", MODES)
def test_the_statistics_move_once_a_step(mode):
    layer = make(True, bottleneck=False)
    before = np.asarray(layer.bn1.moving_mean)
    step(layer, mode)
    expected = 0.9 * before + 0.1 * images(*SHAPE).mean(axis=(0, 1, 2))
    np.testing.assert_allclose(layer.bn1.moving_mean, expected, atol=1e-6)


def ancestors(operation):
    """All operations that run before an operation."""
    found, todo = set(), [operation]
    while todo:
        for before in [t.op for t in todo[-1].inputs] + todo.pop().control_inputs:
            if before not in found:
                found.add(before)
                todo.append(before)
    return found


@pytest.mark.parametrize("memory_efficient", [False, True])
def test_the_gradient_normalises_again_but_only_after_what_comes_later(memory_efficient):
    function = tf.function(gradients_of(make(memory_efficient)))
    graph = function.get_concrete_function(tf.TensorSpec(SHAPE)).graph
    norms = [op for op in graph.get_operations() if op.type == "FusedBatchNormV3"]
    convolutions = [sum(op.type == "Conv2D" for op in ancestors(norm)) for norm in norms]
    assert convolutions[:2] == [0, 1]
    assert len(convolutions) == (4 if memory_efficient else 2)
    assert all(count >= 2 for count in convolutions[2:])


def test_xla_does_not_merge_what_is_recomputed_with_the_first_time():
    counts = []
    for memory_efficient in (False, True):
        compiled = tf.function(gradients_of(make(memory_efficient)), jit_compile=True)
        text = compiled.experimental_get_compiler_ir(tf.zeros(SHAPE))(stage="optimized_hlo")
        counts.append(text.count(" rsqrt("))
    assert counts[1] > counts[0]


def test_inference_is_not_recomputed():
    layer = make(True)
    function = tf.function(lambda x: layer(x, training=False))
    graph = function.get_concrete_function(tf.TensorSpec(SHAPE)).graph
    assert not [op for op in graph.get_operations() if op.type == "IdentityN"]


def test_other_backends_use_remat(monkeypatch):
    expected = step(make(False))
    used = []
    remat = keras.remat
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    monkeypatch.setattr(keras, "remat", lambda f: used.append(f) or remat(f))
    assert_same(step(make(True)), expected)
    assert len(used) == 2


def test_parts_stand_for_the_input():
    layer, x = make(True), tf.constant(images(*SHAPE))
    whole = layer(x, training=True)
    parts = layer(x, parts=tf.split(x, [3, 4], axis=-1), training=True)
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_refuses():
    with pytest.raises(ValueError, match="`growth_rate` must be at least 1. Received: growth_ra"):
        DenseLayer(0)
    with pytest.raises(ValueError, match="`dropout` must be less than 1. Received: dropout=1"):
        DenseLayer(4, dropout=1.0)
    with pytest.raises(TypeError, match="`memory_efficient` must be True or False. Received: mem"):
        DenseLayer(4, memory_efficient="yes")
    with pytest.raises(TypeError, match="`seed` must be an integer. Received: seed=1.5"):
        DenseLayer(4, seed=1.5)
    with pytest.raises(ValueError, match=r"channels known. Received: inputs.shape=\(None, 4\)"):
        DenseLayer(4)(keras.Input((4,)))
