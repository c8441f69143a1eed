"""A recipe that averages its weights: a run in parts is the run of one piece."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.training import fit


@pytest.fixture
def averaging(settings):
    """`averaging(out)`: LeNet-5 by RMSProp, clipped and averaged, 3 epochs of 6 steps."""
    return lambda out: settings(out, recipe="inception_v3", learning_rate=0.01)


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
