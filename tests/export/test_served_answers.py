"""The export gives the same answers as the model, whatever the model and the process."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_classic_cnns as kcc
from keras_classic_cnns.export import check, saved_model
from keras_classic_cnns.preprocessing import Preprocessing, preprocess

SIGNATURES = ("serving_default", "serve_uint8")


def serve(folder, images, signature="serving_default"):
    """The answers of an export, as NumPy arrays."""
    function = tf.saved_model.load(str(folder)).signatures[signature]
    dtype = tf.uint8 if signature == "serve_uint8" else tf.float32
    return {k: v.numpy() for k, v in function(image=tf.constant(images, dtype)).items()}


def photos(rng, model, batch, size=None):
    """Raw pixels, 0..255, that fit a model."""
    height, width, channels = (dim or size for dim in model.input_shape[1:])
    return rng.integers(0, 256, (batch, height, width, channels), dtype=np.uint8)


def expected(model, images, mode):
    return model.predict(preprocess(images.astype("float32"), mode), verbose=0)


def assert_equal_answers(answers, probabilities, labels, top):
    # neither saturated nor uniform: there 1e-5 would hold for many a wrong graph
    assert np.max(probabilities) < 0.9 and np.ptp(probabilities) > 0.003
    np.testing.assert_allclose(answers["probabilities"], probabilities, rtol=0, atol=1e-5)
    order = np.argsort(-answers["probabilities"], axis=1, kind="stable")[:, :top]
    np.testing.assert_array_equal(answers["classes"], order)
    assert answers["classes"].dtype == np.int64
    np.testing.assert_array_equal(answers["labels"], np.array(list(labels), dtype=bytes)[order])
    scores = np.take_along_axis(answers["probabilities"], order, axis=1)
    np.testing.assert_array_equal(answers["scores"], scores)


def small_resnext():
    return kcc.ResNeXt50(weights=None, input_shape=(32, 32, 3), classes=10, groups=8, group_width=2)


OURS = {
    "lenet5": lambda: kcc.LeNet5(),
    "resnet20": lambda: kcc.ResNet20(),
    "resnext": small_resnext,
}


@pytest.fixture(scope="module", params=sorted(OURS))
def ours(request, randomize, tmp_path_factory):
    """One of this package's models, its preprocessing and its export with every default."""
    model = randomize(OURS[request.param]())
    mode = kcc.registry.spec_of(model).preprocessing
    return model, mode, saved_model(model, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("signature", SIGNATURES)
def test_equals_predict(ours, signature, batch, rng):
    model, mode, folder = ours
    images = photos(rng, model, batch)
    answers = serve(folder, images, signature)
    assert_equal_answers(answers, expected(model, images, mode), map(str, range(10)), top=5)


FRESH = """
import json, sys
sys.modules["keras"] = sys.modules["keras_classic_cnns"] = None
import numpy as np
import tensorflow as tf
folder, images, answers = sys.argv[1:]
functions = tf.saved_model.load(folder).signatures
images = np.load(images)
out = {
    "float": functions["serving_default"](image=tf.constant(images, tf.float32)),
    "uint8": functions["serve_uint8"](image=tf.constant(images)),
}
np.savez(answers, **{f"{s}_{k}": v.numpy() for s, o in out.items() for k, v in o.items()})
"""


def run_python(code, *arguments, cwd):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_fresh_process_without_keras(make, tmp_path, rng):
    conv = kcc.layers.GroupedConv2D(12, 3, groups=3)
    model = make(conv=conv, classes=3)
    names = ["Katze", "Hündin", "猫"]
    folder = saved_model(model, tmp_path / "m", preprocessing="torch", labels=names, top=3)
    images = photos(rng, model, 2)
    np.save(tmp_path / "images.npy", images)
    run_python(FRESH, folder, tmp_path / "images.npy", tmp_path / "answers.npz", cwd=tmp_path)
    answers = np.load(tmp_path / "answers.npz", allow_pickle=True)
    names = [name.encode() for name in names]
    for kind in ("float", "uint8"):
        got = {k.removeprefix(f"{kind}_"): answers[k] for k in answers if k.startswith(kind)}
        got["labels"] = got["labels"].astype(bytes)
        assert_equal_answers(got, expected(model, images, "torch"), names, top=3)


MIRRORED = """
import sys
import keras, numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from keras import layers
from keras_classic_cnns.export import check, saved_model
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = keras.Sequential([
        keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(synchronized=True),
        layers.Flatten(), layers.Dense(10),
    ])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
images = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 3)).astype("float32")
model.fit(images, np.arange(8), batch_size=8, verbose=0)
folder = saved_model(model, sys.argv[1], preprocessing="raw")
got = tf.saved_model.load(str(folder)).signatures["serving_default"](image=tf.constant(images))
want = tf.nn.softmax(model.predict(images, verbose=0))
np.testing.assert_allclose(got["probabilities"], want, rtol=0, atol=1e-5)
print(check(folder)["parameters"] - model.count_params())
"""


def test_model_of_a_mirrored_strategy(tmp_path):
    """Mirrored variables are stored once, and the optimizer not at all."""
    assert run_python(MIRRORED, tmp_path / "m", cwd=Path.cwd()).split() == ["0"]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy, randomize, tmp_path, rng):
    keras.config.set_dtype_policy(policy)
    try:
        model = randomize(kcc.ResNet20())
    finally:
        keras.config.set_dtype_policy("float32")
    folder = saved_model(model, tmp_path)
    images = photos(rng, model, 3)
    answers = serve(folder, images)
    mode = kcc.registry.spec_of(model).preprocessing
    assert_equal_answers(answers, expected(model, images, mode), map(str, range(10)), top=5)
    assert check(folder)["variable_bytes"] == 4 * model.count_params()


def test_half_precision_head_leaves_as_float32(tmp_path, rng):
    model = keras.Sequential(
        [keras.Input((4, 4, 3)), layers.Flatten(), layers.Dense(6, dtype="mixed_bfloat16")]
    )
    images = photos(rng, model, 2)
    answers = serve(saved_model(model, tmp_path, preprocessing="tf"), images)
    logits = expected(model, images, "tf").astype("float32")
    np.testing.assert_allclose(answers["probabilities"], tf.nn.softmax(logits), atol=1e-5)


def test_logits_get_a_softmax(make, tmp_path, rng):
    model = make(activation=None)
    images = photos(rng, model, 3)
    answers = serve(saved_model(model, tmp_path, preprocessing="tf"), images)
    logits = expected(model, images, "tf")
    assert (np.abs(logits.sum(axis=1) - 1) > 0.1).all()
    np.testing.assert_allclose(answers["probabilities"], tf.nn.softmax(logits), atol=1e-5)


def test_sigmoid_stays(make, tmp_path, rng):
    model = make(activation="sigmoid")
    images = photos(rng, model, 3)
    answers = serve(saved_model(model, tmp_path, preprocessing="tf"), images)
    np.testing.assert_allclose(answers["probabilities"], expected(model, images, "tf"), atol=1e-5)
    assert (np.abs(answers["probabilities"].sum(axis=1) - 1) > 0.1).all()


def test_inference_mode(tiny, exported, rng):
    """Dropout is off (answers repeat), and an image's answer does not depend on its batch."""
    images = photos(rng, tiny, 4)
    together = serve(exported, images)["probabilities"]
    np.testing.assert_array_equal(together, serve(exported, images)["probabilities"])
    alone = serve(exported, images[:1])["probabilities"]
    np.testing.assert_allclose(together[:1], alone, atol=1e-6)


def test_free_image_size(make, tmp_path, rng):
    model = make(shape=(None, None, 1))
    folder = saved_model(model, tmp_path, preprocessing="tf")
    shape = check(folder)["signatures"]["serve_uint8"]["inputs"]["image"]["shape"]
    assert shape == [None, None, None, 1]
    for size in (8, 21):
        images = photos(rng, model, 2, size)
        answers = serve(folder, images)
        want = expected(model, images, "tf")
        np.testing.assert_allclose(answers["probabilities"], want, atol=1e-5)


def test_own_preprocessing_record(tiny, tmp_path, rng):
    mode = Preprocessing("mine", (1.0, 20.0, 60.0), (50.0, 60.0, 90.0), reverse_channels=True)
    images = photos(rng, tiny, 2)
    answers = serve(saved_model(tiny, tmp_path, preprocessing=mode), images)
    np.testing.assert_allclose(answers["probabilities"], expected(tiny, images, mode), atol=1e-5)


def test_cli_of_tensorflow_shows_the_signatures(exported):
    code = "from tensorflow.python.tools.saved_model_cli import main; main()"
    arguments = ("show", "--dir", exported, "--tag_set", "serve", "--signature_def")
    shown = run_python(code, *arguments, "serve_uint8", cwd=exported)
    for line in ("inputs['image']", "dtype: DT_UINT8", "shape: (-1, 16, 16, 3)"):
        assert line in shown
    for line in ("outputs['classes']", "dtype: DT_INT64", "outputs['labels']", "DT_STRING"):
        assert line in shown
