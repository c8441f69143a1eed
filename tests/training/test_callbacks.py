"""The parts of `callbacks` that whole runs in test_fit.py do not show."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.core.errors import DivergedError
from keras_classic_cnns.training import checkpoint
from keras_classic_cnns.training.callbacks import Clock, Keeper, StopOnNaN, Stopped
from keras_classic_cnns.training.checkpoint import Progress
from keras_classic_cnns.training.interrupts import Interrupts
from keras_classic_cnns.training.run_directory import RunDirectory

RATE = float  # a learning rate that is the number of the step


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.train_on_batch(np.ones((2, 4)), np.array([0, 1]))
    return model


def make_keeper(run, progress=None, step=0, **changes):
    arguments = {"clock": Clock(step, 100, images=2), "interrupts": Interrupts(), **changes}
    return Keeper(run, 5, progress or Progress(), RATE, **arguments)


def end_epoch(keeper, epoch, accuracy, loss):
    keeper.on_epoch_end(epoch, {"val_accuracy": accuracy, "val_loss": loss})


def test_the_best_epoch_is_kept(model, tmp_path):
    run = RunDirectory(tmp_path)
    keeper = make_keeper(run)
    keeper.set_model(model)
    best = []
    for epoch, (accuracy, loss) in enumerate([(0.5, 1.0), (0.4, 0.1), (0.5, 0.9), (0.5, 0.9)]):
        end_epoch(keeper, epoch, accuracy, loss)
        assert checkpoint.read_progress(run.last).step == 5 * (epoch + 1)
        best.append(checkpoint.read_progress(run.best).step)
    assert best == [5, 5, 15, 15]
    assert [row["epoch"] for row in run.read_history()] == [1, 2, 3, 4]
    # the rate of each epoch's last step, not of the step after it
    assert [row["learning_rate"] for row in run.read_history()] == [4.0, 9.0, 14.0, 19.0]


def test_rows_beyond_the_checkpoint_are_dropped(tmp_path):
    run = RunDirectory(tmp_path)
    run.write_history([{"epoch": 1, "step": 5}, {"epoch": 2, "step": 10}])
    assert make_keeper(run, Progress(step=7)).rows == [{"epoch": 1, "step": 5}]
    assert len(make_keeper(run, Progress(step=10)).rows) == 2
    # stopped in the evaluation of epoch 2, and killed while that was made up for
    assert len(make_keeper(run, Progress(step=10, metrics=[[0.0]])).rows) == 1


def test_without_a_signal_nothing_is_saved(model, tmp_path):
    interrupts = Interrupts()
    keeper = make_keeper(RunDirectory(tmp_path), step=1, interrupts=interrupts)
    keeper.set_model(model)
    keeper.on_train_batch_end(0)
    assert list(tmp_path.iterdir()) == []
    interrupts.received = 2
    with pytest.raises(Stopped):
        keeper.on_train_batch_end(1)
    assert checkpoint.read_progress(tmp_path / "last.keras").step == 1


def test_checkpoints_come_every_so_many_batches_and_the_one_before_stays(model, tmp_path):
    run, clock, saved = RunDirectory(tmp_path), Clock(0, 100, images=2), []
    keeper = make_keeper(run, clock=clock, save_every_steps=3)
    keeper.set_model(model)
    for clock.step in range(2, 13, 2):  # two steps an execution
        keeper.on_train_batch_end(clock.step)
        if run.last.exists():
            saved.append(checkpoint.read_progress(run.last).step)
    assert saved == [4, 4, 8, 8, 12]
    assert checkpoint.read_progress(run.previous).step == 8


def test_the_clock_counts_on_from_where_a_run_is():
    clock = Clock(step=7, total_steps=20, images=32)
    clock.on_epoch_begin(1)
    logs = {"loss": 1.0}
    clock.on_train_batch_end(1, logs)
    assert clock.step == 9 and logs["images_per_s"] > 0
    clock.on_test_begin()
    clock.on_epoch_end(1, logs)
    spent = logs["minutes_left"] * 60 / 11  # of a batch, evaluation included
    assert 0 < 32 / logs["images_per_s"] <= spent


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_run(loss):
    guard = StopOnNaN(Clock(step=12, total_steps=20, images=1))
    guard.on_train_batch_end(0, {"loss": 1e30})
    with pytest.raises(DivergedError, match=f"loss is {loss} after batch 12.*lower learning rate"):
        guard.on_train_batch_end(0, {"loss": loss})
