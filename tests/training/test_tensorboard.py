"""What TensorBoard reads of a run."""

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import keras_classic_cnns as kcc
from keras_classic_cnns.preprocessing import MODES, preprocess
from keras_classic_cnns.training import fit
from keras_classic_cnns.training.callbacks import Clock
from keras_classic_cnns.training.run_directory import RunDirectory
from keras_classic_cnns.training.tensorboard import Board, as_pixels, board_of


def events(run, part):
    return EventAccumulator(str(run / part)).Reload()


def scalars(run, part, tag):
    """`[(step, value), ...]`; of version 2 of the summaries, whose values are tensors."""
    found = events(run, part).Tensors(tag)
    return [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in found]


@pytest.fixture(scope="module")
def board(trained_run):
    return RunDirectory(trained_run).tensorboard


def test_epochs_and_steps_are_there(trained_run, board):
    rows = RunDirectory(trained_run).read_history()
    accuracy = {row["epoch"] - 1: row["val_accuracy"] for row in rows}
    assert dict(scalars(board, "validation", "epoch_accuracy")) == pytest.approx(accuracy)
    for tag in ("loss", "accuracy", "learning_rate", "images_per_s"):
        ((step, value),) = scalars(board, "steps", tag)
        assert step == 10 and value > 0


def test_scalars_of_steps_come_ten_times_an_epoch_within_bounds(tmp_path):
    clock = Clock(step=7, total_steps=1000, images=2)
    assert Board(tmp_path, clock, steps_per_epoch=5000, rate=float).every == 100
    board = Board(tmp_path, clock, steps_per_epoch=50, rate=float)
    board.set_model(None)
    board.on_train_begin()
    for clock.step in range(11, 43, 4):  # four steps an execution
        board.on_train_batch_end(clock.step, {"loss": clock.step / 2})
    board.on_train_end()
    assert scalars(tmp_path, "steps", "loss") == [(11, 5.5), (23, 11.5), (31, 15.5)]
    assert scalars(tmp_path, "steps", "learning_rate") == [(11, 10.0), (23, 22.0), (31, 30.0)]


def test_images_are_those_that_the_network_sees(trained_run, board, settings):
    (event,) = events(board, "steps").Tensors("training_images")
    width, height, *encoded = tf.make_ndarray(event.tensor_proto)
    assert (event.step, int(width), int(height), len(encoded)) == (0, 32, 32, 8)
    plan = fit.make_plan(settings(trained_run))
    batch, _ = next(iter(plan.train_batches(skip=0)))
    for image, network in zip(encoded, batch[:8], strict=True):
        np.testing.assert_array_equal(tf.io.decode_png(image, channels=1), network)


def test_images_that_were_mixed_are_shown_as_the_pixels_they_were(settings, tmp_path):
    plan = fit.make_plan(settings(tmp_path, mixup_alpha=1.0))
    batch, _ = next(iter(plan.train_batches(skip=0)))
    shown = board_of(plan, tmp_path, Clock(0, 6, 32)).samples()
    assert batch.dtype == tf.float32 and shown.max() > 200
    np.testing.assert_allclose(preprocess(shown, plan.preprocessing), batch, atol=1e-5)


def test_the_axis_of_steps_goes_on_in_mid_epoch(settings, monkeypatch, tmp_path):
    chosen = settings(tmp_path / "run", profile_steps=(9, 10))
    callbacks = fit._tensorboard

    class Killed(fit.keras.callbacks.Callback):
        """Stands behind the board, and ends the run after the eighth step."""

        def on_train_batch_end(self, batch, logs=None):
            if int(self.model.optimizer.iterations) == 8:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fit, "_tensorboard", lambda *given: [*callbacks(*given), Killed()])
        with pytest.raises(KeyboardInterrupt):
            fit.train(settings(tmp_path / "run", save_every_steps=1))
    assert not (tmp_path / "run" / "tensorboard" / "plugins").exists()
    fit.train(chosen)
    folder = tmp_path / "run" / "tensorboard"
    assert [step for step, _ in scalars(folder, "steps", "loss")] == [10]
    assert [epoch for epoch, _ in scalars(folder, "train", "epoch_loss")] == [0, 1, 2]
    assert len(events(folder, "steps").Tensors("training_images")) == 1
    assert len(list(folder.glob("plugins/profile/*/*.xplane.pb"))) == 1


@pytest.mark.parametrize(
    ("profile", "steps", "begins", "ends"),
    [((9, 10), 1, 9, 10), ((9, 10), 4, 9, 12), ((7, 7), 4, 5, 8), ((8, 9), 4, 5, 12)],
)
def test_a_profile_takes_the_executions_of_its_steps(
    profile, steps, begins, ends, tmp_path, monkeypatch
):
    told, clock = [], Clock(step=0, total_steps=16, images=2)
    profiler = tf.profiler.experimental
    monkeypatch.setattr(profiler, "start", lambda folder: told.append(clock.step + 1))
    monkeypatch.setattr(profiler, "stop", lambda: told.append(clock.step))
    board = Board(
        tmp_path,
        clock,
        steps_per_epoch=1000,
        rate=float,
        profile=profile,
        steps_per_execution=steps,
    )
    for first in range(0, 16, steps):
        board.on_train_batch_begin(first)
        clock.step = first + steps
        board.on_train_batch_end(clock.step, {})
    assert told == [begins, ends]


def test_a_run_that_is_stopped_ends_its_profile(settings, monkeypatch, tmp_path):
    callbacks = fit._tensorboard

    class Stops(fit.keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise fit.Stopped

    monkeypatch.setattr(fit, "_tensorboard", lambda *given: [*callbacks(*given), Stops()])
    monkeypatch.setattr(fit.report, "stopped", lambda *_: None)
    fit.train(settings(tmp_path / "run", profile_steps=(1, 4)))
    assert len(list((tmp_path / "run").glob("tensorboard/plugins/profile/*/*.xplane.pb"))) == 1
    tf.profiler.experimental.start(str(tmp_path / "another"))  # fails where one is on
    tf.profiler.experimental.stop()


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_come_back(name, channels):
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4, channels)).astype("uint8")
    again = as_pixels(preprocess(images, name), kcc.preprocessing.MODES[name])
    np.testing.assert_allclose(again, images, atol=1e-4)
