"""Preprocessing equals keras.applications' and changes nothing of the caller's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns import preprocessing
from keras_classic_cnns.preprocessing import Preprocessing


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_equals_keras(mode, dtype):
    x = np.random.RandomState(0).randint(0, 256, (2, 5, 4, 3)).astype(dtype)
    before = x.copy()
    ours = preprocessing.preprocess(x, mode)
    theirs = keras.applications.imagenet_utils.preprocess_input(x.copy(), mode=mode)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(x, before)
    assert ours.dtype == (dtype if dtype.startswith("float") else "float32")


@pytest.mark.parametrize("mode", preprocessing.MODES)
@pytest.mark.parametrize("channels", [1, 3])
def test_arrays_tensors_graphs_and_symbols_agree(mode, channels):
    x = np.random.RandomState(0).randint(0, 256, (2, 5, 4, channels)).astype("uint8")
    expected = preprocessing.preprocess(x, mode)
    eager = preprocessing.preprocess(tf.constant(x), mode)
    np.testing.assert_allclose(eager, expected, rtol=1e-6)
    (mapped,) = (
        tf.data.Dataset.from_tensors(x).map(lambda t: preprocessing.preprocess(t, mode)).take(1)
    )
    np.testing.assert_allclose(mapped, expected, rtol=1e-6)
    image = keras.Input((5, 4, channels))
    model = keras.Model(image, preprocessing.preprocess(image, mode))
    np.testing.assert_allclose(model(x.astype("float32")), expected, rtol=1e-5, atol=1e-5)


def test_lenet_maps_background_and_ink():
    x = np.array([[[0], [255]]], "uint8")
    np.testing.assert_allclose(preprocessing.preprocess(x, "lenet").ravel(), [-0.1, 1.175], 1e-6)


def test_one_channel_takes_the_mean_of_three():
    gray = np.full((1, 2, 2, 1), 100, "uint8")
    colour = preprocessing.MODES["torch"]
    expected = (100 - np.mean(colour.mean)) / np.mean(colour.std)
    np.testing.assert_allclose(preprocessing.preprocess(gray, "torch"), expected, rtol=1e-6)


def test_half_precision_tensors():
    x = tf.cast(tf.fill((1, 2, 2, 3), 255.0), "bfloat16")
    assert np.all(np.isfinite(preprocessing.preprocess(x, "torch")))
    assert preprocessing.preprocess(tf.cast(x, "float16"), "tf").dtype == tf.float16


def test_refuses():
    image = np.zeros((1, 2, 2, 3))
    with pytest.raises(ValueError, match="`mode` must be one of 'caffe', .* Received: mode='jax'"):
        preprocessing.preprocess(image, "jax")
    x = np.full((2, 2, 4), 255)
    assert (preprocessing.preprocess(x, "tf") == 1).all()
    with pytest.raises(ValueError, match="`channels` must be one of 1, 3. Received: channels=4"):
        preprocessing.preprocess(np.zeros((1, 2, 2, 4)), "torch")
    for x in ([[[0.0, 0.0, 0.0]]], [image, image], None, "a.png"):
        with pytest.raises(TypeError, match="`x` must be an array or a tensor.* Received: x="):
            preprocessing.preprocess_input_for("torch")(x)
    with pytest.raises(ValueError, match="`data_format` must be one of None, 'channels_last'"):
        preprocessing.preprocess_input_for("torch")(image, data_format="channels_first")


def test_decode_predictions():
    decoded = preprocessing.decode_predictions(
        np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]]), top=2, labels=("ant", "bee", "cat")
    )
    assert decoded == [
        [("1", "bee", 0.7), ("2", "cat", 0.2)],
        [("0", "ant", 0.5), ("2", "cat", 0.3)],
    ]
    with pytest.raises(ValueError, match=r"`preds` must be of shape \(batch, 3\)"):
        preprocessing.decode_predictions(np.ones((1, 4)), labels=("a", "b", "c"))
    with pytest.raises(ValueError, match="`top` must be at least 1"):
        preprocessing.decode_predictions(np.ones((1, 3)), top=0, labels=("a", "b", "c"))


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"name": ""}, ValueError, "`name` must not be empty"),
        ({"mean": (1, 2)}, ValueError, r"three numbers. Received: mean=\(1, 2\)"),
        ({"mean": 1.0}, ValueError, "three numbers. Received: mean=1.0"),
        ({"std": (1, 2, "3")}, TypeError, "`std` must be a number"),
        ({"std": (1, 2, float("nan"))}, ValueError, "`std` must be finite"),
        ({"std": (1, 2, 0)}, ValueError, "`std` must be greater than 0"),
        ({"reverse_channels": 1}, TypeError, "`reverse_channels` must be True or False"),
    ],
)
def test_a_record_that_scales_nothing_is_refused(values, error, message):
    with pytest.raises(error, match=message):
        Preprocessing(**({"name": "mine", "mean": (0, 0, 0), "std": (1, 1, 1)} | values))


def test_a_record_of_lists_is_one_of_tuples():
    record = Preprocessing("mine", [1, 2, 3], [4, 5, 6])
    assert record == Preprocessing("mine", (1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    assert hash(record) == hash(Preprocessing("mine", (1, 2, 3), (4, 5, 6)))
