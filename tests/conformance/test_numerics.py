"""Every kind of net trains, in every precision and over replicas."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from cases import MANY, MODELS, USUAL
from harness import batch, build, repeat_draws, two_replicas

import keras_classic_cnns as kcc


def check_training(case):
    model = build(case)
    x, y = batch(case)
    with tf.GradientTape() as tape:
        loss = keras.losses.sparse_categorical_crossentropy(y, model(x, training=True))
    for weight, gradient in zip(
        model.trainable_weights, tape.gradient(loss, model.trainable_weights), strict=True
    ):
        assert gradient is not None, weight.path
        assert np.all(np.isfinite(gradient)), weight.path
    model.compile(keras.optimizers.SGD(0.002), "sparse_categorical_crossentropy")
    losses = []
    with_same_draws = repeat_draws(model)
    for _ in range(5):
        with_same_draws()
        losses.append(model.train_on_batch(x, y))
    # the deepest nets swing: their way down is not even from the first step on
    assert np.all(np.isfinite(losses)) and min(losses[1:]) < losses[0]


@pytest.mark.parametrize("case", USUAL)
def test_training_lowers_the_loss_and_reaches_every_weight(case, elsewhere):
    elsewhere(check_training, case)


def check_half_precision(case, policy):
    keras.config.set_dtype_policy(policy)
    model = build(case)
    x, y = batch(case)
    probabilities = model(x)
    assert probabilities.dtype == tf.float32
    np.testing.assert_allclose(tf.reduce_sum(probabilities, -1), np.ones(8), atol=1e-5)
    features = list(kcc.endpoints(model).values())[-1]
    assert features.dtype == keras.config.dtype_policy().compute_dtype
    assert model.layers[-1].compute_dtype == "float32"


@pytest.mark.parametrize("case", USUAL)
def test_half_precision_has_a_float32_head(case):
    check_half_precision(case, "mixed_float16")


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
@pytest.mark.parametrize("case", MANY)
def test_any_half_precision_has_a_float32_head(case, policy):
    check_half_precision(case, policy)


def check_mixed_float16(case):
    keras.config.set_dtype_policy("mixed_float16")
    model = build(case)
    x, y = batch(case)  # normalised over two images, gradients overflow at any scale
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy", jit_compile=False)
    before = [np.array(weight) for weight in model.trainable_weights]
    # where the scaled gradients overflow, a step is left out and the scale is halved
    losses = [model.train_on_batch(x, y) for _ in range(20)]
    assert np.all(np.isfinite(losses))
    after = [np.array(weight) for weight in model.trainable_weights]
    assert all(np.all(np.isfinite(weight)) for weight in after)
    assert any(np.any(a != b) for a, b in zip(after, before, strict=True))


@pytest.mark.parametrize("case", MANY)
def test_trains_in_mixed_float16(case, elsewhere):
    elsewhere(check_mixed_float16, case)


@pytest.mark.parametrize("case", MANY)
def test_inference_is_deterministic_and_batch_independent(case):
    model = build(case, classifier_activation=None)
    x, _ = batch(case, 4)
    whole = model(x, training=False)
    np.testing.assert_array_equal(whole, model(x, training=False))
    np.testing.assert_allclose(whole[1:2], model(x[1:2]), rtol=1e-4, atol=1e-4)


def test_two_replicas_equal_one():
    # without batch normalisation, whose statistics are those of each replica, and without dropout
    case = next(case for case in MODELS if case.name == "lenet5")
    x, y = batch(case, 16)
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(8, drop_remainder=True)
    strategies = {"two": two_replicas(), "one": tf.distribute.get_strategy()}
    results = {}
    for name, strategy in strategies.items():
        keras.utils.set_random_seed(1)
        with strategy.scope():
            model = build(case)
            model.compile(keras.optimizers.SGD(0.1, 0.9), "sparse_categorical_crossentropy")
        history = model.fit(data, epochs=2, shuffle=False, verbose=0)
        results[name] = (history.history["loss"], model.get_weights())
    np.testing.assert_allclose(results["two"][0], results["one"][0], rtol=1e-5)
    for two, one in zip(results["two"][1], results["one"][1], strict=True):
        np.testing.assert_allclose(two, one, atol=1e-5)
