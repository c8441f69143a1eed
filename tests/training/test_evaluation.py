import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_classic_cnns as kcc
from keras_classic_cnns.training import EvaluateSettings, evaluate, evaluation


@pytest.fixture(scope="module")
def result(trained_run, tmp_path_factory):
    out = tmp_path_factory.mktemp("evaluated")
    return evaluate(EvaluateSettings(path=trained_run, out=out, batch_size=32))


def reference(trained_run):
    """The figures by numpy, from the model's outputs in one go."""
    source = kcc.data.load("digits", "test[:80]")
    batches = kcc.data.eval_batches(
        source, image_size=(32, 32), channels=1, preprocessing="lenet", batch_size=80
    )
    images, labels = next(batches.as_numpy_iterator())
    model = keras.models.load_model(trained_run / "best.keras")
    return model.predict(images, verbose=0), labels, model, (images, labels)


def test_figures_are_those_of_numpy_and_keras(result, trained_run):
    shares, labels, model, batch = reference(trained_run)
    assert result.images == 80 and result.split == "test[:80]"
    assert result.top1 == np.mean(shares.argmax(1) == labels)
    order = np.argsort(-shares, axis=1)[:, :5]
    assert result.top5 == np.mean((order == labels[:, None]).any(axis=1))
    assert result.loss == pytest.approx(-np.log(shares[np.arange(80), labels]).mean(), rel=1e-5)
    loss, accuracy = model.evaluate(*batch, verbose=0)
    assert (result.loss, result.top1) == pytest.approx((loss, accuracy), rel=1e-5)
    assert result.class_accuracy[3] == np.mean(shares.argmax(1)[labels == 3] == 3)
    assert result.confusion[8, 1] == np.sum((labels == 8) & (shares.argmax(1) == 1))


def test_it_is_what_training_reported(result, trained_run):
    from keras_classic_cnns.training.run_directory import RunDirectory, best_row

    row = best_row(RunDirectory(trained_run).read_history())
    assert result.top1 == pytest.approx(row["val_accuracy"])
    assert result.loss == pytest.approx(row["val_loss"], rel=1e-5)


def test_report_and_picture_are_written(result):
    assert json.loads(result.report.read_text()) == json.loads(json.dumps(result.as_json()))
    assert result.as_json()["class_accuracy"] == list(result.class_accuracy)
    assert result.picture.read_bytes().startswith(b"\x89PNG")


def test_the_table_names_what_is_confused(result):
    lines = str(result).splitlines()
    assert f"  top-1 {result.top1:.2%}" in lines
    assert f"  top-5 {result.top5:.2%}" in lines
    row = next(line for line in lines if line.startswith("  8 "))
    assert str(int(result.confusion[8].sum())) in row.split()


def fixed(outputs, activation):
    """A model that answers image `i` with row `i` of `outputs`."""
    rows = len(outputs)
    image = keras.Input((1, 1, rows), name="image")
    x = keras.layers.Flatten()(image)
    dense = keras.layers.Dense(len(outputs[0]), activation, use_bias=False, name="predictions")
    model = keras.Model(image, dense(x))
    dense.set_weights([np.asarray(outputs, "float32")])
    return model, np.eye(rows, dtype="float32")[:, None, None, :]


def test_logits_and_five_classes_are_understood():
    logits = [[2.0, 1.0, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0, 0.0]]
    labels = np.array([0, 1, 2])
    for activation in (None, "softmax"):
        model, images = fixed(logits, activation)
        loss, confusion, top5 = evaluation.count(model, [(images, labels)])
        shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        assert loss == pytest.approx(-np.log(shares[[0, 1, 2], labels]).mean(), rel=1e-5)
        assert confusion[2, 0] == 1 and np.trace(confusion) == 2
        assert top5 is None


def test_top5_counts_the_places():
    model, images = fixed(np.tile(np.arange(7.0), (7, 1)), "softmax")
    _, confusion, top5 = evaluation.count(model, [(images, np.arange(7))])
    assert top5 == 5 and np.trace(confusion) == 1


def test_equal_shares_are_no_success():
    """A net that says the same of all classes is right by chance, five times in seven here."""
    model, images = fixed(np.zeros((7, 7)), "softmax")
    _, confusion, top5 = evaluation.count(model, [(images, np.arange(7))])
    assert top5 == 5 and np.trace(confusion) == 1


def test_a_diverged_model_is_refused():
    model, images = fixed([[np.nan, 0.0]], None)
    with pytest.raises(ValueError, match="not finite: it has diverged in training. Received: mod"):
        evaluation.count(model, [(images, np.array([0]))])


@pytest.mark.parametrize("activation", [None, "softmax"])
@pytest.mark.parametrize("gap", [1.0, 40.0])
def test_the_loss_is_what_fit_shows(activation, gap):
    """In a graph Keras takes the logits before a softmax, so that nothing is cut off."""
    model, images = fixed([[gap, 0.0]], activation)
    labels = np.array([1])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=not activation))
    loss, _, _ = evaluation.count(model, [(images, labels)])
    assert loss == pytest.approx(model.evaluate(images, labels, verbose=0), rel=1e-5)


def test_a_certain_mistake_has_a_finite_loss():
    model, images = fixed([[200.0, 0.0]], "softmax")
    loss, _, _ = evaluation.count(model, [(images, np.array([1]))])
    assert loss == pytest.approx(-np.log(np.finfo("float32").tiny))


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_that_is_no_class_is_not_counted(label):
    model, images = fixed(np.eye(2), "softmax")
    with pytest.raises(ValueError, match=f"the 2 classes in x, test: .*Received: label={label}$"):
        evaluation.count(model, [(images, np.array([0, label]))], "x, test")


def test_a_split_that_hides_its_labels_is_refused(trained_run, monkeypatch, tmp_path):
    monkeypatch.setattr(kcc.data, "load", hidden(kcc.data.load))
    settings = EvaluateSettings(path=trained_run, split="test", out=tmp_path)
    with pytest.raises(ValueError, match="in digits, test: .*Choose another split. .*label=-1$"):
        evaluate(settings)


def hidden(load):
    """Loads a split as TFDS gives the test split of imagenet2012: every label is -1."""

    def loaded(*args, **kwargs):
        source = load(*args, **kwargs)
        unknown = source.encoded.map(lambda image, label, name: (image, -tf.ones_like(label), name))
        return dataclasses.replace(source, encoded=unknown)

    return loaded


def test_a_file_needs_a_fitting_data_set(tmp_path):
    kcc.LeNet5(classes=3).save(tmp_path / "mine.keras")
    path = tmp_path / "mine.keras"
    with pytest.raises(ValueError, match="needs a data set .*Received: dataset=None"):
        evaluate(EvaluateSettings(path=path))
    with pytest.raises(ValueError, match="tells 3 classes apart and the data set has 10"):
        evaluate(EvaluateSettings(path=path, dataset="digits"))


def test_a_class_without_images_has_no_accuracy(result):
    confusion = np.array([[3, 1], [0, 0]])
    rare = dataclasses.replace(result, confusion=confusion, labels=("a", "b"), top5_correct=None)
    assert rare.class_accuracy == (0.75, None)
    assert "does not apply to 5 classes or fewer" in str(rare)
    assert rare.as_json()["top5"] is None


def test_nothing_to_evaluate_on_is_told():
    model, _ = fixed(np.eye(2), "softmax")
    with pytest.raises(ValueError, match="no image to evaluate on: .*Received: dataset='x, test'$"):
        evaluation.count(model, [], "x, test")
