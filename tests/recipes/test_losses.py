"""One loss and one set of metrics for integer labels and for shares: Keras's own on either."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.recipes.losses import LabelAccuracy, LabelCrossentropy, LabelTopK

CLASSES = 7


@pytest.fixture(scope="module")
def batch():
    """Integers, shares and logits."""
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(CLASSES), 60).astype("float32")
    logits = rng.normal(size=(60, CLASSES)).astype("float32")
    return rng.integers(0, CLASSES, 60), shares, logits


@pytest.mark.parametrize("from_logits", [True, False])
def test_the_loss_is_keras_own_on_both_kinds(batch, from_logits):
    integers, shares, outputs = batch
    if not from_logits:
        outputs = keras.ops.softmax(outputs)
    one_hot = np.eye(CLASSES, dtype="float32")[integers]
    for smoothing in (0.0, 0.1, 0.5):
        loss = LabelCrossentropy(smoothing, from_logits)
        kerass = keras.losses.CategoricalCrossentropy(from_logits, smoothing)
        assert float(loss(shares, outputs)) == float(kerass(shares, outputs))
        expected = float(kerass(one_hot, outputs))
        assert float(loss(integers, outputs)) == pytest.approx(expected, rel=1e-6)
        assert float(loss(integers[:, None], outputs)) == float(loss(integers, outputs))
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits)
    assert float(LabelCrossentropy(0.0, from_logits)(integers, outputs)) == float(
        sparse(integers, outputs)
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_the_loss_is_that_of_the_formula(batch, smoothing):
    _, shares, logits = batch
    log = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * shares + smoothing / CLASSES
    expected = -(target * log).sum(axis=1).mean()
    assert float(LabelCrossentropy(smoothing, True)(shares, logits)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("own", "for_integers", "for_shares"),
    [
        (
            LabelAccuracy(),
            keras.metrics.SparseCategoricalAccuracy(),
            keras.metrics.CategoricalAccuracy(),
        ),
        (
            LabelTopK(3),
            keras.metrics.SparseTopKCategoricalAccuracy(3),
            keras.metrics.TopKCategoricalAccuracy(3),
        ),
    ],
)
def test_the_metrics_are_keras_own_on_both_kinds(batch, own, for_integers, for_shares):
    integers, shares, logits = batch
    results = []
    for labels, kerass in ((integers, for_integers), (shares, for_shares)):
        own.reset_state()
        own.update_state(labels, logits)
        kerass.update_state(labels, logits)
        results.append(float(own.result()))
        assert results[-1] == float(kerass.result()) and 0 < results[-1] < 1
    own.update_state(integers, logits)  # on top of the shares
    assert float(own.result()) == pytest.approx(np.mean(results))


def test_fit_takes_shares_and_validates_on_integers(batch, tmp_path):
    integers, shares, logits = batch
    model = keras.Sequential([keras.Input((CLASSES,)), keras.layers.Dense(CLASSES, "softmax")])
    metrics = [LabelAccuracy("accuracy"), LabelTopK(5, "top5")]
    model.compile("sgd", LabelCrossentropy(0.1), metrics=metrics)
    history = model.fit(
        logits, shares, validation_data=(logits, integers), epochs=2, verbose=0
    ).history
    assert history["loss"][1] < history["loss"][0]
    assert {"val_accuracy", "val_top5"} <= set(history)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.evaluate(logits, integers, verbose=0) == model.evaluate(
        logits, integers, verbose=0
    )


def test_the_loss_survives_serialization():
    loss = LabelCrossentropy(0.2, from_logits=True, name="smooth")
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()
    assert again.get_config()["label_smoothing"] == 0.2


@pytest.mark.parametrize(
    ("smoothing", "error", "message"),
    [
        (
            -0.1,
            ValueError,
            "`label_smoothing` must be at least 0. Received: label_smoothing=-0.1",
        ),
        (1.0, ValueError, "`label_smoothing` must be less than 1.*Received: label_smoothing=1.0"),
        (float("nan"), ValueError, "`label_smoothing` must be finite"),
        (None, TypeError, "`label_smoothing` must be a number. Received: label_smoothing=None"),
        (True, TypeError, "`label_smoothing` must be a number. Received: label_smoothing=True"),
    ],
)
def test_smoothing_is_a_share(smoothing, error, message):
    with pytest.raises(error, match=message):
        LabelCrossentropy(smoothing)
