"""The check of an export: what it reports, and what it refuses."""

import json
import shutil

import keras
import pytest
import tensorflow as tf

from keras_classic_cnns.core.errors import UnsupportedModelError
from keras_classic_cnns.export import check
from keras_classic_cnns.export.check import OUTPUTS, find_saved_model


@pytest.fixture
def damaged(exported, tmp_path):
    """A copy to damage."""
    return shutil.copytree(exported, tmp_path / "5")


def test_summary(exported, tiny):
    summary = check(exported)
    assert json.loads(json.dumps(summary)) == summary
    assert summary["version"] == 1
    assert (summary["classes"], summary["top"]) == (10, 3)
    assert summary["variables"] == len(tiny.weights)
    assert summary["parameters"] == tiny.count_params()
    assert summary["variable_bytes"] == 4 * tiny.count_params()
    assert summary["tensorflow"] == tf.__version__
    shapes = {"probabilities": [None, 10], "scores": [None, 3], "classes": [None, 3]}
    for name, dtype in (("serving_default", "float32"), ("serve_uint8", "uint8")):
        signature = summary["signatures"][name]
        assert signature["inputs"] == {"image": {"dtype": dtype, "shape": [None, 16, 16, 3]}}
        assert {key: value["dtype"] for key, value in signature["outputs"].items()} == OUTPUTS
        assert {k: signature["outputs"][k]["shape"] for k in shapes} == shapes


def test_folder_of_versions_means_the_highest(exported, tmp_path):
    for name in ("2", "10", "011", "tmp12"):
        shutil.copytree(exported, tmp_path / name)
    assert check(tmp_path)["path"] == str(tmp_path / "011")


@pytest.mark.parametrize("name", [".", "missing", "7"])
def test_nothing_there(tmp_path, name):
    (tmp_path / "7").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no SavedModel.* Received: path='"):
        check(tmp_path / name)


def test_a_saved_model_is_found_as_tensorflow_serving_does(exported, tmp_path):
    assert find_saved_model(exported) == exported
    assert find_saved_model(tmp_path) is None
    shutil.copytree(exported, tmp_path / "2")
    assert find_saved_model(tmp_path) == tmp_path / "2"
    shutil.copytree(exported, tmp_path / "²")  # a digit for Python, no number for anyone
    assert find_saved_model(tmp_path) == tmp_path / "2"
    (tmp_path / "10").mkdir()
    assert find_saved_model(tmp_path) is None
    assert find_saved_model(tmp_path / "missing") is None


@pytest.mark.parametrize("content", [b"", b"not a graph"])
def test_damaged_graph(damaged, content):
    (damaged / "saved_model.pb").write_bytes(content)
    with pytest.raises(ValueError, match=r"saved_model.pb is damaged.*Received: path="):
        check(damaged)


def test_missing_index(damaged):
    (damaged / "variables" / "variables.index").unlink()
    with pytest.raises(FileNotFoundError, match="incomplete: variables/variables.index"):
        check(damaged)


def test_damaged_index(damaged):
    (damaged / "variables" / "variables.index").write_bytes(b"x" * 100)
    with pytest.raises(ValueError, match="variables cannot be read"):
        check(damaged)


@pytest.mark.parametrize("kept", [0, 100])
def test_cut_off_variables(damaged, kept):
    (data,) = (damaged / "variables").glob("variables.data-*")
    data.write_bytes(data.read_bytes()[:kept])
    with pytest.raises(ValueError, match=rf"need \d+ bytes, but their files have {kept}\b"):
        check(damaged)


def test_model_export_of_keras_is_not_ours(tiny, tmp_path):
    tiny.export(tmp_path / "1", verbose=False)
    with pytest.raises(ValueError, match="outputs of signature 'serving_default' must be"):
        check(tmp_path)


def save(path, function, weights=()):
    """Saves a function of an image with both signatures."""

    def signature(dtype):
        spec = tf.TensorSpec((None, 4, 4, 3), dtype, "image")
        call = tf.function(lambda image: function(tf.cast(image, tf.float32)))
        return call.get_concrete_function(spec)

    module = tf.Module()
    module.weights = list(weights)
    names = {"serving_default": tf.float32, "serve_uint8": tf.uint8}
    tf.saved_model.save(module, str(path), {k: signature(v) for k, v in names.items()})


def outputs(image):
    scores = tf.reduce_mean(image, (1, 2))
    classes = tf.argsort(tf.cast(scores, tf.int64))
    names = tf.strings.as_string(classes)
    classes = tf.cast(classes, tf.int64)
    return {"probabilities": scores, "scores": scores, "classes": classes, "labels": names}


def test_missing_signature(tmp_path):
    spec = tf.TensorSpec((None, 4, 4, 3), tf.float32, "image")
    call = tf.function(outputs).get_concrete_function(spec)
    tf.saved_model.save(tf.Module(), str(tmp_path), {"serving_default": call})
    with pytest.raises(ValueError, match="signature 'serve_uint8' is missing"):
        check(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda out: {**out, "classes": tf.cast(out["classes"], tf.int32)}, "'classes': 'int32'"),
        (lambda out: {"probabilities": out["probabilities"]}, "must be .*'labels': 'string'"),
        (lambda out: {**out, "labels": tf.reshape(out["labels"], (3, 3))}, r"any batch.*\[3, 3\]"),
    ],
)
def test_wrong_outputs(tmp_path, change, message):
    save(tmp_path, lambda image: change(outputs(image)))
    with pytest.raises(ValueError, match=message):
        check(tmp_path)


def test_variables_stored_twice(tmp_path):
    weight = keras.Variable([1.0, 2.0])

    def call(image):
        return outputs(weight.value[0] * image)

    save(tmp_path / "1", call, [weight.value])
    assert check(tmp_path / "1")["variables"] == 1
    # what model.export does: the variable, and Keras's wrapper that stores it again
    save(tmp_path / "2", call, [weight.value, weight])
    with pytest.raises(ValueError, match="stored once, but the graph has 3 .*, and 2 are stored"):
        check(tmp_path / "2")


def test_xla_only_function_is_refused(tmp_path):
    compiled = tf.function(lambda x: x + 1.0, jit_compile=True)

    def call(image):
        with tf.name_scope("my_layer"):
            return outputs(compiled(image))

    save(tmp_path, call)
    with pytest.raises(UnsupportedModelError, match=r"only XLA can run.*: my_layer\. Replace"):
        check(tmp_path)
