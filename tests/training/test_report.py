import pytest

from keras_classic_cnns.training import build, report
from keras_classic_cnns.training.run_directory import RunDirectory


@pytest.fixture(scope="module")
def plan(settings):
    return build.make_plan(settings("runs/a", augment=("pad_crop", "flip")))


def test_a_run_is_announced(plan, capsys):
    report.announce(plan, RunDirectory("runs/a"), 0)
    told = capsys.readouterr().out
    assert "200 images of 10 classes (train[:200]), 80 to validate (test[:80])" in told
    assert "3 epochs of 6 steps, batch 32, learning rate 0.05" in told
    assert "augmentation pad_crop (no flip: a mirrored image is another class)" in told
    assert "Going on" not in told
    report.announce(plan, RunDirectory("runs/a"), 8)
    assert "Going on from step 8 (epoch 2 of 3, 2 of 6 steps)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (0, "step 0 (epoch 1 of 3, 0 of 6 steps)"),
        (5, "step 5 (epoch 1 of 3, 5 of 6 steps)"),
        (6, "step 6 (epoch 1 of 3, 6 of 6 steps)"),
        (7, "step 7 (epoch 2 of 3, 1 of 6 steps)"),
        (18, "step 18 (epoch 3 of 3, 6 of 6 steps)"),
    ],
)
def test_where(plan, step, text):
    assert report.where(plan, step) == text


def test_the_best_epoch_is_told():
    rows = [{"epoch": 1, "val_accuracy": 0.5, "val_loss": 1.0}]
    assert report.best_of(rows) == "best validation accuracy 50.00% in epoch 1"
    assert report.best_of([]) == "its history.csv is missing"


def test_a_missing_tensorboard_is_told(capsys):
    report.without_tensorboard()
    assert "TensorBoard is not installed" in capsys.readouterr().out
