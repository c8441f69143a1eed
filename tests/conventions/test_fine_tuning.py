"""docs/fine_tuning.md does what it says: its code runs once, and weights are compared between."""

import contextlib
import logging
import re

import keras
import numpy as np
import pytest
from conventions.source_tree import python_blocks, read

import keras_classic_cnns as kcc

GUIDE = read("docs/fine_tuning.md")
NORMALIZATIONS = (kcc.layers.BatchNormalization, kcc.layers.GatedBatchNormalization)


class Run:
    """What a run of the guide leaves: names, log lines, and the weights after each block."""

    def __init__(self, folder):
        self.folder, self.names, self.log, self.after = folder, {}, [], []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: self.log.append(record.getMessage())
        logger = logging.getLogger("keras_classic_cnns")
        logger.addHandler(handler)
        with contextlib.chdir(folder):
            for block in python_blocks(GUIDE):
                exec(compile(block, "docs/fine_tuning.md", "exec"), self.names)
                self.after.append(self._weights())
        logger.removeHandler(handler)

    def changed(self, name, first, second):
        """The paths of a model's weights that differ between two blocks."""
        before, after = self.after[first][name], self.after[second][name]
        return {path for path in before if not np.array_equal(before[path], after[path])}

    def blocks_with(self, name):
        """The numbers of the blocks after which there is a model of this name."""
        return [number for number, models in enumerate(self.after) if name in models]

    def _weights(self):
        models = {n: m for n, m in self.names.items() if isinstance(m, keras.Model)}
        return {n: {w.path: w.numpy() for w in m.weights} for n, m in models.items()}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("guide"))


def kinds(paths):
    """The last parts of paths: `kernel`, `gamma`, `moving_mean` and so on."""
    return {path.rpartition("/")[2] for path in paths}


def moving_means(model):
    """Of all batch normalisations, also those inside of other layers; zero before training."""
    return [w.numpy() for w in model.weights if w.path.endswith("/moving_mean")]


def test_the_log_line_is_the_one_that_the_guide_shows(run):
    shown = re.search(r"```text\n(.*?)```", GUIDE, re.DOTALL)[1]
    assert run.log[0] == " ".join(shown.split())


def test_everything_but_the_head_is_loaded(run):
    old = run.after[0]["old"]
    loaded = run.after[run.blocks_with("model")[0]]["model"]
    same = {path for path in loaded if np.array_equal(loaded[path], old[path])}
    assert loaded.keys() - same == {"predictions/kernel", "predictions/bias"}


def test_only_the_head_changes_while_the_body_is_frozen(run):
    loaded, scaled, head, *_ = run.blocks_with("model")
    assert run.changed("model", scaled, head) == {"predictions/kernel", "predictions/bias"}
    assert run.changed("model", loaded, scaled) == set()


def test_all_but_batch_normalization_changes_when_it_is_unfrozen(run):
    _, _, head, tuned, *_ = run.blocks_with("model")
    weights = run.after[head]["model"]
    resting = {path for path in weights if "_bn" in path}
    assert kinds(resting) == {"gamma", "beta", "moving_mean", "moving_variance"}
    assert run.changed("model", head, tuned) == weights.keys() - resting


def test_a_body_with_a_head_of_its_own_rests_as_well(run):
    frozen, tuned, *_ = run.blocks_with("own")
    loaded, old = run.after[frozen]["body"], run.after[0]["old"]
    assert all(np.array_equal(value, old[path]) for path, value in loaded.items())
    resting = {path for path in loaded if "_bn" in path}
    assert run.changed("body", frozen, tuned) == loaded.keys() - resting


def test_grey_images_get_the_sum_of_the_first_kernel(run):
    old, grey = run.after[0]["old"], run.after[-1]["grey"]
    first = next(path for path in old if path.endswith("/kernel"))
    np.testing.assert_allclose(grey[first], old[first].sum(axis=2, keepdims=True), rtol=1e-6)


def test_it_learns_as_much_as_the_guide_says(run):
    stated = [float(n) / 100 for n in re.findall(r"\| (\d+\.\d) % \|$", GUIDE, re.MULTILINE)]
    measured = [run.names[f"{name}_accuracy"] for name in ("head", "tuned", "own")]
    assert np.abs(np.array(stated[:3]) - measured).max() <= 0.08
    assert measured[0] + 0.02 < min(measured[1:])


def test_the_saved_model_and_the_export_answer_as_the_model(run):
    import tensorflow as tf

    raw, scaled = run.names["new_images"][575:580], run.names["test_images"][:5]
    expected = run.names["model"].predict(scaled, verbose=0)
    reloaded = keras.saving.load_model(run.folder / "tuned.keras")
    np.testing.assert_allclose(reloaded.predict(scaled, verbose=0), expected, atol=1e-5)
    served = tf.saved_model.load(str(run.folder / run.names["folder"])).signatures["serve_uint8"]
    answer = served(image=tf.cast(raw, tf.uint8))
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-5)
    assert set(answer["labels"].numpy().ravel()) == {b"6", b"7", b"8", b"9"}


def test_a_model_with_its_own_head_reloads_and_exports(run, tmp_path):
    own, raw = run.names["own"], run.names["new_images"][:5]
    own.save(tmp_path / "own.keras")
    reloaded = keras.saving.load_model(tmp_path / "own.keras", safe_mode=True)
    before = own.predict(raw, verbose=0)
    np.testing.assert_allclose(reloaded.predict(raw, verbose=0), before, atol=1e-6)
    assert kcc.export.saved_model(own, tmp_path / "own", preprocessing="raw").name == "1"


def test_assigning_true_to_a_model_that_has_it_unfreezes_nothing():
    model = kcc.WideResNet(n=10, k=1, weights=None, input_shape=(8, 8, 3))
    for layer in model.layers:
        layer.trainable = False
    model.trainable = True
    assert model.trainable_variables == []
    model.trainable = False
    model.trainable = True
    assert model.trainable_variables


@pytest.mark.parametrize("kind", NORMALIZATIONS)
def test_a_normalization_that_is_not_trainable_runs_in_inference_mode(kind):
    x = np.random.default_rng(0).normal(3.0, 2.0, (4, 5, 5, 3)).astype("float32")
    arguments = {"gate": np.ones((4, 1))} if kind is NORMALIZATIONS[1] else {}
    layer = kind()
    expected = layer(x, training=False)
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True, **arguments), expected)
    assert not layer.moving_mean.numpy().any()
    layer.trainable = True
    assert not np.allclose(layer(x, training=True, **arguments), expected)
    assert layer.moving_mean.numpy().all()


def test_training_false_is_replaced_by_that_of_fit():
    """Where this fails, Keras honours the argument, and the guide can recommend it."""
    body = kcc.WideResNet(n=10, k=1, weights=None, include_top=False, input_shape=(8, 8, 3))
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, body(image, training=False))
    x = np.random.default_rng(0).uniform(size=(2, 8, 8, 3)).astype("float32")
    model(x, training=True)
    assert all(value.any() for value in moving_means(body))


@pytest.mark.parametrize(
    ("name", "options", "is_hidden"),
    [
        ("DenseNet40_12", {}, True),
        ("GoogLeNet", {"variant": "bn"}, True),
        ("StochasticDepthResNet110", {}, False),
        ("WideResNet", {"n": 10, "k": 1}, False),
    ],
)
def test_normalizations_inside_of_composite_layers_rest_too(name, options, is_hidden):
    shape = (64, 64, 3)
    model = kcc.get_model(name, weights=None, include_top=False, input_shape=shape, **options)
    seen = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert (len(seen) < len(moving_means(model))) == is_hidden
    x = np.random.default_rng(0).uniform(size=(2, *shape)).astype("float32")
    kcc.freeze_batch_norm(model)
    model(x, training=True)
    assert not any(value.any() for value in moving_means(model))
    assert kinds(v.path for v in model.trainable_variables) <= {"kernel", "bias"}
    for layer in model._flatten_layers():
        layer.trainable = True
    model(x, training=True)
    assert any(value.any() for value in moving_means(model))
