"""The parts of `callbacks` that whole runs in test_fit.py do not show."""

import keras
import numpy as np
import pytest

from keras_classic_cnns.training import checkpoint
from keras_classic_cnns.training.callbacks import Keeper, StopOnSignal, Stopped
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


def end_epoch(keeper, epoch, accuracy, loss):
    keeper.on_epoch_end(epoch, {"val_accuracy": accuracy, "val_loss": loss})


def test_the_best_epoch_is_kept(model, tmp_path):
    run = RunDirectory(tmp_path)
    keeper = Keeper(run, 5, Progress(), rate=RATE)
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
    assert Keeper(run, 5, Progress(step=7), RATE).rows == [{"epoch": 1, "step": 5}]
    assert len(Keeper(run, 5, Progress(step=10), RATE).rows) == 2
    # stopped in the evaluation of epoch 2, and killed while that was made up for
    assert len(Keeper(run, 5, Progress(step=10, metrics=[[0.0]]), RATE).rows) == 1


def test_without_a_signal_nothing_is_saved(model, tmp_path):
    interrupts = Interrupts()
    stop = StopOnSignal(RunDirectory(tmp_path), interrupts)
    stop.set_model(model)
    stop.on_train_batch_end(0)
    assert list(tmp_path.iterdir()) == []
    interrupts.received = 2
    with pytest.raises(Stopped):
        stop.on_train_batch_end(1)
    assert checkpoint.read_progress(tmp_path / "last.keras").step == 1
