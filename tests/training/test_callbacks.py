"""The parts of `callbacks` that whole runs in test_fit.py do not show."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.core.errors import DivergedError
from keras_classic_cnns.training import callbacks, checkpoint
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


class Timer:
    """Stands in for `time`: it is as late as one says."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(callbacks.time, "perf_counter", lambda: self.now)


def test_the_clock_leaves_the_first_execution_and_the_evaluation_out_of_the_speed(monkeypatch):
    timer = Timer(monkeypatch)
    clock = Clock(step=4, total_steps=24, images=32)
    clock.on_epoch_begin(1)
    logs = {}
    for batch, timer.now in ((1, 30.0), (3, 32.0), (5, 34.0)):  # two steps an execution
        clock.on_train_batch_end(batch, logs)
    assert clock.step == 10
    assert logs == pytest.approx({"images_per_s": 32.0, "minutes_left": 14 / 60})
    clock.on_test_begin()
    timer.now = 40.0  # the evaluation: a second for each of the six batches
    clock.on_epoch_end(1, logs)
    assert logs == pytest.approx({"images_per_s": 32.0, "minutes_left": 14 * (1 + 1) / 60})
    timer.now = 46.0  # and the checkpoints another
    clock.on_epoch_begin(2)
    timer.now = 48.0
    clock.on_train_batch_end(1, logs)
    assert logs["minutes_left"] == pytest.approx(12 * (1 + 2) / 60)


def test_an_epoch_of_one_execution_has_a_speed(monkeypatch):
    timer = Timer(monkeypatch)
    clock = Clock(step=0, total_steps=20, images=32)
    clock.on_epoch_begin(0)
    timer.now = 5.0
    clock.on_train_batch_end(9, {})
    clock.on_test_begin()
    clock.on_epoch_end(0, logs := {})
    assert logs == pytest.approx({"images_per_s": 64.0, "minutes_left": 5 / 60})


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_the_run(loss):
    guard = StopOnNaN(Clock(step=12, total_steps=20, images=1))
    guard.on_train_batch_end(0, {"loss": 1e30})
    guard.on_epoch_end(0, {"loss": 1e30, "val_loss": 1e30})
    message = f"loss is {loss} after batch 12.*lower learning rate.*remove last.keras: previous"
    with pytest.raises(DivergedError, match=message):
        guard.on_train_batch_end(0, {"loss": loss})
    with pytest.raises(DivergedError, match=message):
        guard.on_epoch_end(0, {"loss": 1.0, "val_loss": loss})
