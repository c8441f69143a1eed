import keras
import numpy as np
import pytest

from keras_classic_cnns.recipes.losses import SmoothedSparseCrossentropy, classification_loss


@pytest.fixture
def batch(rng=None):
    rng = np.random.default_rng(0)
    return rng.integers(0, 5, 6), rng.normal(size=(6, 5)).astype("float32")


def by_hand(labels, logits, smoothing):
    log = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * np.eye(5)[labels] + smoothing / 5
    return -(target * log).sum(axis=1).mean()


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_the_loss_is_that_of_the_formula(batch, smoothing):
    labels, logits = batch
    expected = by_hand(labels, logits, smoothing)
    assert float(classification_loss(smoothing, True)(labels, logits)) == pytest.approx(
        expected, rel=1e-5
    )
    shares = keras.ops.softmax(logits)
    assert float(classification_loss(smoothing, False)(labels, shares)) == pytest.approx(
        expected, rel=1e-5
    )


def test_labels_may_be_a_column(batch):
    labels, logits = batch
    loss = SmoothedSparseCrossentropy(0.1, from_logits=True)
    assert float(loss(labels[:, None], logits)) == pytest.approx(float(loss(labels, logits)))


def test_the_loss_survives_serialization():
    loss = SmoothedSparseCrossentropy(0.2, from_logits=True, name="smooth")
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()
    assert again.get_config()["label_smoothing"] == 0.2


def test_without_smoothing_it_is_keras_own():
    assert type(classification_loss(0.0, False)) is keras.losses.SparseCategoricalCrossentropy


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
        SmoothedSparseCrossentropy(smoothing)
    with pytest.raises(error, match=message):
        classification_loss(smoothing, from_logits=False)
