"""Runs on mixed images: they go on exactly, and parts of a step are parts of a mixed batch."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.training import fit
from keras_classic_cnns.training.run_directory import RunDirectory


@pytest.fixture(scope="module")
def mixing(settings):
    """`mixing(out)`: LeNet-5 with MixUp and CutMix, two epochs of 6 steps."""
    mixed = {"mixup_alpha": 0.2, "cutmix_alpha": 1.0, "epochs": 2}
    return lambda out, **changes: settings(out, **{**mixed, **changes})


@pytest.fixture(scope="module")
def mixed_run(mixing, tmp_path_factory):
    """A finished run."""
    out = tmp_path_factory.mktemp("mixed") / "run"
    fit.train(mixing(out))
    return out


def weights_of(run):
    return keras.saving.load_model(run / "last.keras").get_weights()


def test_it_goes_on_exactly(mixing, mixed_run, interrupted, tmp_path):
    assert not interrupted(mixing(tmp_path / "run"), step=8).is_finished
    assert fit.train(mixing(tmp_path / "run")).is_finished
    for mine, theirs in zip(weights_of(tmp_path / "run"), weights_of(mixed_run), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6)
    mine, theirs = (RunDirectory(run).read_history() for run in (tmp_path / "run", mixed_run))
    for row, other in zip(mine, theirs, strict=True):
        assert row == pytest.approx(other, abs=1e-6)


def test_parts_of_a_step_are_parts_of_the_mixed_batch(mixing, mixed_run, tmp_path):
    fit.train(mixing(tmp_path / "run", accumulate=2))
    for mine, theirs in zip(weights_of(tmp_path / "run"), weights_of(mixed_run), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=2e-5)


def test_another_mixing_is_another_run(mixing, mixed_run):
    with pytest.raises(ValueError, match=r"recipe\.mixing\.mixup_alpha: 0\.2 there, 0\.3 now"):
        fit.train(mixing(mixed_run, mixup_alpha=0.3))
