"""BatchNormalization with TensorFlow's fused operation, against Keras's own layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images, two_replicas
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_classic_cnns.layers.batch_normalization import BatchNormalization


def random_map(shape, dtype="float32"):
    return tf.cast(np.random.default_rng(0).normal(3.0, 2.0, size=shape), dtype)


def pair(shape, **arguments):
    """Our layer and Keras's, with the same random weights."""
    ours, theirs = BatchNormalization(**arguments), keras.layers.BatchNormalization(**arguments)
    rng = np.random.default_rng(1)
    for layer in (ours, theirs):
        layer.build(shape)
    weights = [rng.uniform(0.5, 1.5, size=w.shape) for w in ours.weights]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def step(layer, x, **options):
    """Output of a training step, gradients of input and weights, and the moving averages."""
    weights = [variable.value for variable in layer.trainable_variables]
    upstream = np.random.default_rng(2).normal(size=x.shape).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True, **options)
        loss = tf.reduce_sum(tf.cast(y, "float32") * upstream)
    gradients = tape.gradient(loss, [x, *weights])
    return [y, *gradients, *(v.value for v in layer.non_trainable_variables)]


def assert_same(ours, theirs, tolerance=1e-5):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        a, b = (tf.cast(t, "float64").numpy() for t in (a, b))
        np.testing.assert_allclose(a, b, atol=tolerance * max(1.0, np.abs(b).max()))


def operations(layer, shape, training, **options):
    """Names of the operations in the layer's graph."""
    function = tf.function(lambda x: layer(x, training=training), **options)
    graph = function.get_concrete_function(tf.TensorSpec(shape, layer.compute_dtype)).graph
    return {operation.type for operation in graph.get_operations()}


@given(
    shape=st.tuples(*(st.integers(1, high) for high in (4, 5, 5, 6))),
    momentum=st.sampled_from([0.0, 0.9, 0.99]),
    epsilon=st.sampled_from([1e-5, 1e-3]),
    scale=st.booleans(),
    center=st.booleans(),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_training_step_equals_keras(shape, momentum, epsilon, scale, center):
    x = random_map(shape)
    arguments = dict(momentum=momentum, epsilon=epsilon, scale=scale, center=center)
    ours, theirs = pair(shape, **arguments)
    # the gradient of few values is a small difference of large numbers
    few = np.prod(shape[:3]) < 8
    assert_same(step(ours, x), step(theirs, x), tolerance=5e-3 if few else 5e-5)


def test_moving_averages_over_several_steps():
    ours, theirs = pair((2, 3, 3, 4), momentum=0.5)
    for scale in (1.0, 10.0, 0.1):
        x = scale * random_map((2, 3, 3, 4))
        ours(x, training=True)
        theirs(x, training=True)
    assert_same(
        [v.value for v in ours.non_trainable_variables],
        [v.value for v in theirs.non_trainable_variables],
    )


def test_a_mean_far_from_zero_does_not_spoil_the_variance():
    x = 1e3 + random_map((4, 5, 5, 3))
    ours, theirs = pair(x.shape)
    assert_same(step(ours, x), step(theirs, x), tolerance=1e-3)


def test_an_epsilon_of_caffe_is_not_raised():
    """`tf.compat.v1.nn.fused_batch_norm` makes 1.001e-5 of it: seen where the variance is small."""
    x = 1e-4 * random_map((4, 4, 4, 2))
    ours, theirs = pair(x.shape, epsilon=1e-5)
    np.testing.assert_allclose(ours(x, training=True), theirs(x, training=True), rtol=1e-5)


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16"])
def test_half_precision(policy):
    out = policy.removeprefix("mixed_")
    x = random_map((4, 5, 5, 8), out)
    ours, theirs = pair(x.shape, dtype=policy)
    assert_same(step(ours, x), step(theirs, x), tolerance=1e-2)
    assert "FusedBatchNormV3" in operations(ours, (None, 5, 5, 8), training=True)


def test_is_fused_in_training_only():
    layer, _ = pair((None, None, None, 3))
    shape = (None, None, None, 3)
    assert "FusedBatchNormV3" in operations(layer, shape, training=True)
    assert "FusedBatchNormV3" not in operations(layer, shape, training=False)
    assert "FusedBatchNormV3" not in operations(layer, shape, training=True, jit_compile=True)
    layer.trainable = False
    assert "FusedBatchNormV3" not in operations(layer, shape, training=True)


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ((4, 6), {}),
        ((4, 6, 3), {}),
        ((2, 3, 4, 5, 3), {}),
        ((2, 3, 4, 5), {"axis": 1}),
        ((2, 3, 4, 5), {"axis": 2}),
        ((2, 3, 4, 5), {"synchronized": True}),
        ((2, 3, 4, 5), {"renorm": True}),
        ((2, 3, 4, 5), {"dtype": "float64"}),
    ],
)
def test_everything_else_is_keras_own(shape, arguments):
    ours, theirs = pair(shape, **arguments)
    x = random_map(shape, ours.compute_dtype)
    assert_same(step(ours, x), step(theirs, x))
    assert "FusedBatchNormV3" not in operations(ours, shape, training=True)


def test_a_mask_counts():
    x = random_map((2, 3, 4, 5))
    mask = tf.constant(np.random.default_rng(4).random((2, 3, 4)) < 0.5)
    ours, theirs = pair(x.shape)
    assert_same(step(ours, x, mask=mask), step(theirs, x, mask=mask))


@pytest.mark.parametrize("axis", [-1, 3])
def test_inference_equals_keras(axis):
    x = random_map((2, 3, 4, 5))
    ours, theirs = pair(x.shape, axis=axis)
    np.testing.assert_array_equal(ours(x, training=False), theirs(x, training=False))


def test_training_compiled_by_xla_equals_keras():
    x = random_map((2, 4, 4, 3))
    ours, theirs = pair(x.shape)
    assert_same(tf.function(lambda: step(ours, x), jit_compile=True)(), step(theirs, x))


def test_other_backends_use_keras_own(monkeypatch):
    layer, _ = pair((2, 3, 4, 5))
    assert layer._is_fusable(random_map((2, 3, 4, 5)))
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    assert not layer._is_fusable(random_map((2, 3, 4, 5)))


def test_replicas_normalise_and_average_as_with_keras():
    devices = tf.config.list_logical_devices("CPU")
    strategy = tf.distribute.MirroredStrategy([devices[0].name])
    x, results = random_map((4, 3, 3, 2)), []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        with strategy.scope():
            layer = kind(momentum=0.5)
            layer.build(x.shape)

        @tf.function
        def run(layer=layer):
            return strategy.run(lambda: layer(x, training=True))

        results.append([run(), *(tf.constant(v) for v in layer.get_weights())])
    assert_same(*results)


def test_config_and_weights_are_those_of_keras():
    ours, theirs = pair((None, 2, 2, 3), momentum=0.9, epsilon=1e-5, name="bn")
    assert ours.get_config() == theirs.get_config()
    assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]
    assert BatchNormalization.from_config(ours.get_config()).get_config() == ours.get_config()


def test_keras_file_reloads_in_safe_mode(tmp_path):
    inputs = keras.Input((4, 4, 3))
    model = keras.Model(inputs, BatchNormalization()(inputs))
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(reloaded.layers[1]) is BatchNormalization
    x = random_map((2, 4, 4, 3))
    np.testing.assert_array_equal(reloaded(x), model(x))


def test_over_two_replicas_it_averages_as_keras_does():
    results = []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        keras.utils.set_random_seed(0)
        with two_replicas().scope():
            image = keras.Input((6, 6, 3))
            x = kind(momentum=0.9)(keras.layers.Conv2D(4, 3)(image))
            model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))
            model.compile(keras.optimizers.SGD(0.1), "mse")
        data = tf.data.Dataset.from_tensor_slices((images(16, 6, 6, 3), images(16, 4, seed=1)))
        model.fit(data.batch(8, drop_remainder=True), shuffle=False, verbose=0)
        results.append(model.get_weights())
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
