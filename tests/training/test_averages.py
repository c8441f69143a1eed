"""A recipe that averages its weights: a run in parts is the run of one piece."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.application.device_scaling import scale_in_steps
from keras_classic_cnns.training import fit


@pytest.fixture
def averaging(settings):
    """`averaging(out)`: LeNet-5 by RMSProp, clipped and averaged, 3 epochs of 6 steps."""
    return lambda out: settings(out, recipe="inception_v3", learning_rate=0.01)


@pytest.mark.exhaustive
def test_it_goes_on_from_its_weights_not_from_their_average(averaging, interrupted, tmp_path):
    fit.train(averaging(tmp_path / "whole"))
    assert not interrupted(averaging(tmp_path / "parts"), step=8).is_finished
    assert fit.train(averaging(tmp_path / "parts")).is_finished
    whole, parts = (
        keras.saving.load_model(tmp_path / name / "last.keras") for name in ("whole", "parts")
    )
    assert whole.optimizer.use_ema and int(parts.optimizer.iterations) == 18
    pairs = [
        *zip(parts.weights, whole.weights, strict=True),
        *zip(parts.optimizer.variables, whole.optimizer.variables, strict=True),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-4, atol=1e-6)


def test_the_average_is_what_is_evaluated_and_kept_as_the_best(averaging, tmp_path):
    result = fit.train(averaging(tmp_path))
    best, last = (keras.saving.load_model(tmp_path / f"{name}.keras") for name in ("best", "last"))
    plan = fit.make_plan(averaging(tmp_path))
    scale_in_steps(best, plan.preprocessing)
    evaluated = best.evaluate(plan.eval_batches(), return_dict=True, verbose=0)
    assert evaluated["loss"] == pytest.approx(result.best["val_loss"], rel=1e-5)
    assert int(best.optimizer.iterations) == result.best["step"] == 18
    averages = last.optimizer._model_variables_moving_average
    for mine, average in zip(best.trainable_variables, averages, strict=True):
        np.testing.assert_allclose(mine.numpy(), average.numpy(), rtol=1e-6, atol=1e-8)


def test_a_run_stopped_in_the_evaluation_has_its_weights_not_their_average(
    averaging, interrupted, tmp_path
):
    fit.train(averaging(tmp_path / "whole"))
    interrupted(averaging(tmp_path / "parts"), test_batch=0)
    fit.train(averaging(tmp_path / "parts"))
    whole, parts = (
        keras.saving.load_model(tmp_path / name / "last.keras") for name in ("whole", "parts")
    )
    for ours, theirs in zip(parts.weights, whole.weights, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-4, atol=1e-6)
