"""Bytes are scaled within the steps of a model, and nowhere else."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import images

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import Preprocessing, preprocess

OWN = Preprocessing("own", (10.0, 20.0, 30.0), (2.0, 4.0, 8.0), reverse_channels=True)
BYTES = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 3), np.uint8)
LABELS = np.arange(16) % 10


def small():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, strides=2)(inputs)
    x = keras.layers.Dense(10, "softmax")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, x)
    model.compile(keras.optimizers.SGD(0.001), "sparse_categorical_crossentropy")
    return model


def batches(x):
    return tf.data.Dataset.from_tensor_slices((x, LABELS)).batch(8)


def test_all_steps_take_bytes_as_they_take_scaled_images():
    plain, ours = small(), small()
    kcc.scale_in_steps(ours, OWN)
    scaled = preprocess(BYTES, OWN)
    np.testing.assert_allclose(
        ours.predict(batches(BYTES), verbose=0), plain.predict(batches(scaled), verbose=0), 1e-5
    )
    assert ours.evaluate(batches(BYTES), verbose=0) == pytest.approx(
        plain.evaluate(batches(scaled), verbose=0), rel=1e-5
    )
    for model, x in ((plain, scaled), (ours, BYTES)):
        model.fit(batches(x), epochs=2, verbose=0)
        model.train_on_batch(x, LABELS)
    for mine, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)
    assert np.abs(plain.get_weights()[0] - small().get_weights()[0]).max() > 1e-3


def test_floats_and_calls_are_taken_as_scaled_before():
    model = small()
    expected = model(images(4, 8, 8, 3))
    kcc.scale_in_steps(model, OWN)
    for outputs in (model.predict(images(4, 8, 8, 3), verbose=0), model(images(4, 8, 8, 3))):
        np.testing.assert_allclose(outputs, expected, rtol=1e-5)


def test_the_last_mode_counts_alone_also_for_what_was_traced_before():
    model = small()
    expected = model.predict(preprocess(BYTES, OWN), verbose=0)
    kcc.scale_in_steps(model, "torch")
    model.predict(BYTES, verbose=0)
    kcc.scale_in_steps(model, OWN)
    np.testing.assert_allclose(model.predict(BYTES, verbose=0), expected, rtol=1e-5)


@pytest.mark.parametrize("form", [lambda x: [x], lambda x: {"image": x}])
def test_all_forms_that_keras_takes_are_scaled(form):
    inputs = keras.Input((8, 8, 3), name="image")
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(inputs))
    expected = model.predict(preprocess(BYTES, OWN), verbose=0)
    kcc.scale_in_steps(model, OWN)
    np.testing.assert_allclose(model.predict_step((form(tf.constant(BYTES)),)), expected, 1e-5)


def test_other_integers_are_refused():
    model = small()
    kcc.scale_in_steps(model, OWN)
    message = "uint8, which the step scales, or floats.*Received: images.dtype='int32'"
    with pytest.raises(TypeError, match=message):
        model.predict(BYTES.astype("int32"), verbose=0)


def test_a_step_of_ones_own_stays():
    seen = []

    def noting(step):
        @functools.wraps(step)
        def wrapper(self, batch):
            seen.append(self.name)
            return step(self, batch)

        return wrapper

    class Own(keras.Model):
        predict_step = noting(keras.Model.predict_step)

    inputs = keras.Input((8, 8, 3))
    model = Own(inputs, keras.layers.GlobalAveragePooling2D()(inputs), name="own")
    expected = model(preprocess(BYTES, OWN))
    for _ in range(2):
        kcc.scale_in_steps(model, OWN)
        np.testing.assert_allclose(model.predict(BYTES, verbose=0), expected, rtol=1e-5)
    assert seen and set(seen) == {"own"}


def test_half_precision_sees_what_it_saw():
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = small()
    expected = model.predict(preprocess(BYTES, OWN), verbose=0)
    kcc.scale_in_steps(model, OWN)
    np.testing.assert_array_equal(model.predict(BYTES, verbose=0), expected)


def test_nothing_of_it_is_saved(tmp_path):
    model = small()
    kcc.scale_in_steps(model, OWN)
    model.save(tmp_path / "model.keras")
    reloaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        reloaded.predict(preprocess(BYTES, OWN), verbose=0), model.predict(BYTES, verbose=0), 1e-5
    )
    as_they_are = small().predict(BYTES.astype("float32"), verbose=0)
    np.testing.assert_allclose(reloaded.predict(BYTES, verbose=0), as_they_are, rtol=1e-5)


def test_wrong_arguments():
    left, right = keras.Input((2,)), keras.Input((2,))
    two = keras.Model([left, right], keras.layers.Add()([left, right]))
    for model in ("lenet5", keras.Sequential(), two):
        with pytest.raises(TypeError, match="functional keras.Model of one input. Received: model"):
            kcc.scale_in_steps(model, "torch")
    with pytest.raises(ValueError, match="one of 'caffe'.*Received: preprocessing='keras'$"):
        kcc.scale_in_steps(small(), "keras")
