"""A net with auxiliary heads trains, stops, goes on, and is used without them."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.training import evaluate, fit
from keras_classic_cnns.training.jobs import EvaluateSettings
from keras_classic_cnns.training.loading import read_model
from keras_classic_cnns.training.run_directory import RunDirectory


@pytest.fixture(scope="module")
def small(settings):
    """`small(out)`: a NASNet of three cells with its auxiliary head, 2 epochs of 6 steps."""

    def make(out):
        return settings(
            out,
            model="nasnetcifar",
            recipe="resnet_cifar",
            option=("cells=1", "filters=24", "aux_heads=True"),
            epochs=2,
        )

    return make


@pytest.fixture(scope="module")
def run(small, tmp_path_factory):
    """A finished run of it."""
    out = tmp_path_factory.mktemp("auxiliary") / "run"
    fit.train(small(out))
    return out


def test_the_history_speaks_of_the_main_classifier(run):
    for row in RunDirectory(run).read_history():
        assert {"accuracy", "val_accuracy", "aux1_loss", "predictions_loss"} <= set(row)
        total = row["predictions_loss"] + 0.4 * row["aux1_loss"]
        assert row["loss"] == pytest.approx(total, rel=0.01)


def test_what_is_evaluated_has_one_output(run):
    assert len(keras.saving.load_model(run / "last.keras").outputs) == 2
    assert read_model(run / "last.keras").output_shape == (None, 10)
    result = evaluate(EvaluateSettings(path=str(run), split="test[:20]"))
    assert np.isfinite(result.loss)


@pytest.mark.exhaustive
def test_it_goes_on_exactly_after_a_signal(small, interrupted, run, tmp_path):
    """Drop-path, the losses of both heads and the accuracy of the unfinished epoch included."""
    stopped = interrupted(small(tmp_path / "run"), step=8)
    assert not stopped.is_finished
    fit.train(small(tmp_path / "run"))
    rows = RunDirectory(tmp_path / "run").read_history()
    for row, undisturbed in zip(rows, RunDirectory(run).read_history(), strict=True):
        assert row == pytest.approx(undisturbed, rel=1e-4)
