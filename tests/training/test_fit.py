"""A run ends the same whatever happened to it on the way."""

import dataclasses
import errno
import json
import shutil
import signal
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import run_python

from keras_classic_cnns.core.errors import DivergedError, OutOfMemoryError
from keras_classic_cnns.training import checkpoint, fit
from keras_classic_cnns.training.run_directory import RunDirectory


def state(path):
    """Everything that Keras reads of a checkpoint; the states of dropout are not of it."""
    model = keras.models.load_model(path)
    variables = [*model.variables, *model.optimizer.variables]
    return [np.asarray(v) for v in variables if v.name != "seed_generator_state"]


def assert_same_run(one, two):
    for file in ("last.keras", "best.keras"):
        for mine, theirs in zip(state(one / file), state(two / file), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6)
    mine, theirs = (RunDirectory(run).read_history() for run in (one, two))
    assert [row["epoch"] for row in mine] == [row["epoch"] for row in theirs]
    for row, other in zip(mine, theirs, strict=True):
        assert row == pytest.approx(other, abs=1e-6)


def test_a_run_leaves_what_it_promises(trained_run):
    assert {file.name for file in trained_run.iterdir()} == {
        *("settings.json", "labels.txt", "last.keras", "previous.keras", "best.keras"),
        "history.csv",
        *("learning_curve.png", "tensorboard"),
        *("last.preprocessing.json", "best.preprocessing.json"),
    }
    record = json.loads((trained_run / "settings.json").read_text())
    assert record["settings"]["epochs"] == record["recipe"]["epochs"] == 3
    assert record["run"]["train_examples"] == 200
    assert record["run"]["steps_per_epoch"] == 6
    assert record["versions"]["keras"] == keras.__version__
    assert (trained_run / "labels.txt").read_text().split() == list("0123456789")
    rows = RunDirectory(trained_run).read_history()
    assert [(row["epoch"], row["step"]) for row in rows] == [(1, 6), (2, 12), (3, 18)]
    assert rows[-1]["loss"] < rows[0]["loss"]


def test_checkpoints_hold_the_optimizer_and_the_best_epoch(trained_run):
    last = keras.models.load_model(trained_run / "last.keras")
    assert int(last.optimizer.iterations) == 18
    run = RunDirectory(trained_run)
    rows = run.read_history()
    best = max(rows, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
    assert int(keras.models.load_model(run.best).optimizer.iterations) == best["step"]


@pytest.mark.parametrize(
    "when",
    [
        pytest.param({"step": 2}, id="first epoch", marks=pytest.mark.exhaustive),
        pytest.param({"step": 8}, id="mid-epoch"),
        pytest.param({"step": 11}, id="last batch of an epoch", marks=pytest.mark.exhaustive),
        pytest.param({"test_batch": 1}, id="evaluation"),
    ],
)
def test_an_interrupted_run_goes_on_exactly(when, settings, interrupted, trained_run, tmp_path):
    chosen = settings(tmp_path / "run")
    stopped = interrupted(chosen, **when)
    assert stopped.stopped_by == signal.SIGINT and not stopped.is_finished
    assert stopped.step == (6 if "test_batch" in when else when["step"] + 1)
    finished = fit.train(chosen)
    assert finished.is_finished and finished.step == 18
    assert_same_run(tmp_path / "run", trained_run)


@pytest.mark.exhaustive
def test_a_run_stopped_twice_in_an_epoch_goes_on_exactly(
    settings, interrupted, trained_run, tmp_path, capsys
):
    chosen = settings(tmp_path / "run")
    interrupted(chosen, step=7)
    again = interrupted(chosen, step=9, number=signal.SIGTERM)
    assert again.stopped_by == signal.SIGTERM
    told = capsys.readouterr().out
    assert "Going on from step 8 (epoch 2 of 3, 2 of 6 steps)" in told
    assert "Stopped by SIGTERM after step 10 (epoch 2 of 3, 4 of 6 steps)" in told
    assert "To go on: keras-classic-cnns train --model=lenet5 --dataset=digits" in told
    fit.train(chosen)
    assert_same_run(tmp_path / "run", trained_run)


@pytest.mark.exhaustive
def test_a_run_stopped_twice_in_an_evaluation_goes_on_exactly(
    settings, interrupted, trained_run, tmp_path
):
    chosen = settings(tmp_path / "run")
    interrupted(chosen, test_batch=1)
    again = interrupted(chosen, test_batch=0)
    assert again.step == 6 and again.history == []
    fit.train(chosen)
    assert_same_run(tmp_path / "run", trained_run)


def test_a_killed_run_repeats_what_was_not_saved(settings, interrupted, trained_run, tmp_path):
    """Killed after the row of epoch 2 was written, before its checkpoint was."""
    chosen = settings(tmp_path / "run")
    interrupted(chosen, step=8)
    run = RunDirectory(tmp_path / "run")
    row = RunDirectory(trained_run).read_history()[1]
    run.write_history([*run.read_history(), row | {"loss": 99.0}])
    leftover = run.path / ".part-abc-last.keras"
    leftover.write_bytes(b"half")
    fit.train(chosen)
    assert not leftover.exists()
    assert_same_run(run.path, trained_run)


def test_a_finished_run_does_nothing(settings, trained_run, capsys):
    before = {file: file.stat().st_mtime_ns for file in trained_run.rglob("*.keras")}
    result = fit.train(settings(trained_run))
    assert result.did_nothing and result.is_finished and result.step == 18
    assert "Nothing to do: this run has finished its 3 epochs" in capsys.readouterr().out
    assert before == {file: file.stat().st_mtime_ns for file in trained_run.rglob("*.keras")}


def test_more_epochs_make_a_run_longer(settings, tmp_path):
    out = tmp_path / "run"
    fit.train(settings(out, epochs=1))
    result = fit.train(settings(out, epochs=2))
    assert result.step == 12 and len(result.history) == 2
    schedule = keras.models.load_model(out / "last.keras").optimizer.get_config()["learning_rate"]
    assert schedule["config"]["total_steps"] == 12


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 1}, r"run\.seed: 0 there, 1 now"),
        ({"learning_rate": 0.1}, r"recipe\.learning_rate: 0\.05 there, 0\.1 now"),
        ({"epochs": 2}, r"recipe\.epochs: 3 there, 2 now"),
        ({"option": ("variant=1998",)}, r"run\.option\.variant: 'nothing' there, '1998' now"),
    ],
)
def test_other_settings_are_refused(changes, message, settings, trained_run):
    with pytest.raises(ValueError, match=message) as error:
        fit.train(settings(trained_run, **changes))
    assert f"Received: out={str(trained_run)!r}" in str(error.value)


def damage(path, cut):
    """Cuts a checkpoint in half, or changes a byte in it."""
    whole = path.read_bytes()
    if cut:
        path.write_bytes(whole[: len(whole) // 2])
        return
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("model.weights.h5").header_offset
    changed = bytearray(whole)
    changed[start + 2000] ^= 0xFF
    path.write_bytes(changed)


@pytest.mark.parametrize("cut", [True, pytest.param(False, marks=pytest.mark.exhaustive)])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    cut, settings, interrupted, trained_run, tmp_path, capsys
):
    chosen = settings(tmp_path / "run")
    interrupted(chosen, step=14)
    damage(tmp_path / "run" / "last.keras", cut)
    assert fit.train(chosen).is_finished
    told = capsys.readouterr()
    assert "last.keras" in told.err and "It is passed over" in told.err
    assert "Going on from step 12 " in told.out
    assert_same_run(tmp_path / "run", trained_run)


def test_checkpoints_that_are_all_damaged_are_named(settings, tmp_path):
    out = tmp_path / "run"
    fit.train(settings(out, epochs=2))
    damage(out / "last.keras", cut=True)
    damage(out / "previous.keras", cut=False)
    with pytest.raises(ValueError, match="(?s)last.keras.*its part model.weights.h5 fails its"):
        fit.train(settings(out, epochs=3))


def test_a_run_killed_between_two_names_goes_on(settings, trained_run, tmp_path):
    """`last.keras` is missing, and the checkpoint before it is there."""
    out = tmp_path / "run"
    shutil.copytree(trained_run, out)
    (out / "last.keras").unlink()
    assert fit.train(settings(out)).is_finished
    assert_same_run(out, trained_run)


@pytest.mark.parametrize("damaged", [True, pytest.param(False, marks=pytest.mark.exhaustive)])
def test_a_full_disk_leaves_the_checkpoint_before(
    damaged, settings, interrupted, trained_run, tmp_path
):
    chosen = settings(tmp_path / "run")
    interrupted(chosen, step=8)
    if damaged:  # the one before it is the only good one, and must not give way to it
        damage(tmp_path / "run" / "last.keras", cut=True)

    def full(self, path, **_):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "save", full)
        with pytest.raises(OSError, match="No space left") as error:
            fit.train(chosen)
    assert "the one before it is still there" in error.value.__notes__[0]
    run = RunDirectory(tmp_path / "run")
    steps = [checkpoint.read_progress(path).step for path in (run.last, run.previous)]
    assert steps == [6 if damaged else 9, 6]
    assert fit.train(chosen).is_finished
    assert_same_run(tmp_path / "run", trained_run)


@pytest.mark.parametrize("images", [200, 32])
def test_a_run_that_diverges_says_so_and_saves_nothing_of_it(images, settings, tmp_path):
    """In an epoch of one step, whose loss comes before its update, the validation shows it."""
    wild = {"model": "nincifar", "learning_rate": 1e30, "train_split": f"train[:{images}]"}
    with pytest.raises(DivergedError, match="diverged: the loss is (nan|inf) after batch"):
        fit.train(settings(tmp_path / "run", **wild))
    assert not list(tmp_path.rglob("*.keras"))


def test_a_step_that_is_too_large_says_what_to_try(settings, tmp_path, monkeypatch):
    def exhausted(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")

    monkeypatch.setattr(keras.Model, "fit", exhausted)
    told = "A step of 32 images.*--accumulate=2.*Received: batch_size=32"
    with pytest.raises(OutOfMemoryError, match=told):
        fit.train(settings(tmp_path / "run"))
    with pytest.raises(OutOfMemoryError, match="A step of 16 images.*Take, .*more devices") as told:
        fit.train(settings(tmp_path / "two", strategy="mirrored"))
    assert "accumulate" not in str(told.value)


def test_a_disk_that_is_full_of_other_files_is_not_a_lack_of_memory(
    settings, tmp_path, monkeypatch
):
    def exhausted(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "a.v2; No space left on device")

    monkeypatch.setattr(keras.Model, "fit", exhausted)
    with pytest.raises(OSError, match="No space left for TensorBoard's files.*run") as told:
        fit.train(settings(tmp_path / "run"))
    assert told.value.errno == errno.ENOSPC


def test_a_dry_run_tells_all_and_writes_nothing(settings, tmp_path, capsys):
    result = fit.train(settings(tmp_path / "run", dry_run=True))
    assert result.did_nothing and not result.is_finished
    told = capsys.readouterr().out
    assert "Model: 61,706 parameters, 416,520 multiply-accumulates" in told
    assert "Initialiser: uniform within 2.4 / fan-in with variant='1998'" in told
    assert "dropout: none\nOptimizer: SGDWithL2" in told
    assert "Mixing: none; validated on the largest centred rectangle" in told
    assert "Memory, estimated: weights 0 MB" in told and "Differences from it:\n  - " in told
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from keras_classic_cnns.training import TrainSettings, fit

out, end, step = sys.argv[1], sys.argv[2], int(sys.argv[3])

class Ends(fit.keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if end.startswith("SIG") and int(self.model.optimizer.iterations) == step:
            os.kill(os.getpid(), signal.Signals[end])

def save(model, path, **options):
    if end == "full" and int(model.optimizer.iterations) == step:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")
    whole(model, path, **options)

whole, fit.keras.Model.save = fit.keras.Model.save, save
fit._tensorboard = lambda *_: [Ends()]
changes = {"deterministic": True, "save_every_steps": 2, "model": "nincifar", "epochs": 2}
fit.train(TrainSettings(
    dataset="digits", train_split="train[:160]", eval_split="test[:40]", batch_size=32,
    progress="none", out=out, **changes,
))
"""


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param([("SIGKILL", 3), ("full", 7), ("SIGTERM", 8)], id="mid-epoch"),
        pytest.param(
            [("SIGKILL", 4), ("SIGKILL", 10)],
            id="just after a checkpoint and at the end",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_deterministic_run_ends_with_the_same_bits_whatever_ended_it_before(ends, tmp_path):
    """NiN has dropout; the disk is full while a checkpoint is written."""
    codes = {"SIGKILL": -signal.SIGKILL, "full": 1, "SIGTERM": 0, "none": 0}
    for end, step in [*ends, ("none", 99)]:
        command = [sys.executable, "-c", KILLED, str(tmp_path / "killed"), end, str(step)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == codes[end], done.stderr
    assert "Going on from step 9 " in done.stdout
    run_python(KILLED, tmp_path / "whole", "none", 99)
    one, two = (state(tmp_path / name / "last.keras") for name in ("killed", "whole"))
    for mine, theirs in zip(one, two, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    histories = [(tmp_path / name / "history.csv").read_text() for name in ("killed", "whole")]
    assert histories[0] == histories[1]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(None, id="between epochs", marks=pytest.mark.exhaustive),
        pytest.param(8, id="mid-epoch"),
    ],
)
def test_a_lost_history_does_not_stop_a_run(
    step, settings, interrupted, trained_run, tmp_path, capsys
):
    out = tmp_path / "run"
    if step is None:
        fit.train(settings(out, epochs=2))
    else:
        interrupted(settings(out), step=step)
    RunDirectory(out).history.unlink()
    result = fit.train(settings(out))
    first = 3 if step is None else 2
    note = f"history.csv is missing: the history starts again with epoch {first}, and best.keras"
    assert note in capsys.readouterr().out
    assert result.step == 18
    rows = RunDirectory(out).read_history()
    assert [row["epoch"] for row in rows] == list(range(first, 4))
    if step is not None:  # the one run whose learning rate followed the schedule of 3 epochs
        for row, other in zip(rows, RunDirectory(trained_run).read_history()[1:], strict=True):
            assert row == pytest.approx(other, abs=1e-6)


def test_a_finished_run_without_history_does_nothing(trained_run, settings, tmp_path, capsys):
    shutil.copytree(trained_run, tmp_path / "run")
    RunDirectory(tmp_path / "run").history.unlink()
    result = fit.train(settings(tmp_path / "run"))
    assert result.did_nothing and result.history == [] and result.best is None
    assert "finished its 3 epochs (its history.csv is missing)" in capsys.readouterr().out


def test_the_record_tells_of_every_session(settings, interrupted, tmp_path):
    chosen = settings(tmp_path / "run")
    interrupted(chosen, step=7)
    run = RunDirectory(tmp_path / "run")
    first = run.read_record()
    run.settings.write_text(json.dumps(first | {"versions": {"keras": "3.15.0"}}))
    fit.train(dataclasses.replace(chosen, epochs=4))
    record = run.read_record()
    assert record["command"] == first["command"] and record["versions"] == {"keras": "3.15.0"}
    assert record["settings"]["epochs"] == 3 and record["recipe"]["epochs"] == 4
    (session,) = record["resumed"]
    assert "--epochs=4" in session["command"] and session["versions"] == first["versions"]


class Rival(keras.callbacks.Callback):
    """Starts the same run once more, in the middle of it."""

    def __init__(self, settings):
        super().__init__()
        self.settings = settings
        self.told = None

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 3 and self.told is None:
            self.told = ""  # once
            with pytest.raises(ValueError) as error:
                fit.train(self.settings)
            self.told = str(error.value)


def test_a_run_in_use_is_left_alone(settings, trained_run, tmp_path, monkeypatch):
    chosen = settings(tmp_path / "run")
    (tmp_path / "run").mkdir()
    rival = Rival(chosen)
    monkeypatch.setattr(fit, "_tensorboard", lambda run, *_: [rival, Writing(run)])
    fit.train(chosen)
    assert "The run directory is in use" in rival.told
    assert f"Received: out={str(tmp_path / 'run')!r}" in rival.told
    assert_same_run(tmp_path / "run", trained_run)


class Writing(keras.callbacks.Callback):
    """Has a file half written all the time, and notices where another process removes it."""

    def __init__(self, run):
        super().__init__()
        self.part = run.path / ".part-mine"

    def on_train_begin(self, logs=None):
        self.part.write_bytes(b"half")

    def on_train_end(self, logs=None):
        self.part.unlink()


def test_a_crowded_directory_is_refused(settings, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match="this one holds other files and no settings.json"):
        fit.train(settings(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_model_that_cannot_be_built_leaves_nothing(settings, tmp_path):
    with pytest.raises(ValueError, match="variant"):
        fit.train(settings(tmp_path / "runs" / "run", option=("variant=2000",)))
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_a_directory_is_named_after_its_parts(settings):
    plan = fit.make_plan(settings(None))
    assert fit.default_directory(plan) == "runs/lenet5-digits"
    source = dataclasses.replace(plan.train, name="imagenette/320px-v2:1.0.0")
    named = dataclasses.replace(plan, train=source)
    assert fit.default_directory(named) == "runs/lenet5-imagenette-320px-v2-1.0.0"
    for folder, name in (("/data/my.photos/", "data-my.photos"), ("../..", "folder")):
        named = dataclasses.replace(plan, train=dataclasses.replace(plan.train, name=folder))
        assert fit.default_directory(named) == f"runs/lenet5-{name}"


def test_the_same_seed_gives_the_same_weights(settings, trained_run, tmp_path):
    fit.train(settings(tmp_path / "same"))
    assert_same_run(tmp_path / "same", trained_run)
    fit.train(settings(tmp_path / "other", seed=1))
    mine, theirs = state(tmp_path / "other/last.keras"), state(trained_run / "last.keras")
    assert any(not np.allclose(a, b) for a, b in zip(mine, theirs, strict=True))


def test_signal_handlers_are_put_back(settings, interrupted, tmp_path):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    interrupted(settings(tmp_path / "run"), step=1)
    assert before == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.parametrize(
    "changes",
    [
        *(
            pytest.param(one, marks=pytest.mark.exhaustive)
            for one in ({"accumulate": 2}, {"steps_per_execution": 3}, {"xla": "on"})
        ),
        {"accumulate": 2, "steps_per_execution": 3, "xla": "on"},
    ],
    ids=str,
)
def test_how_steps_are_computed_changes_rounding_only(changes, settings, trained_run, tmp_path):
    fit.train(settings(tmp_path / "run", **changes))
    count = changes.get("accumulate", 1)
    mine, theirs = (
        keras.models.load_model(run / "last.keras").get_weights()
        for run in (tmp_path / "run", trained_run)
    )
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-5)
    rows, others = (RunDirectory(run).read_history() for run in (tmp_path / "run", trained_run))
    assert [row["step"] for row in rows] == [count * row["step"] for row in others]
    for row, other in zip(rows, others, strict=True):
        assert row["val_loss"] == pytest.approx(other["val_loss"], abs=1e-4)


def test_a_run_stopped_between_two_parts_of_a_step_goes_on_exactly(settings, interrupted, tmp_path):
    fit.train(settings(tmp_path / "whole", accumulate=4))
    chosen = settings(tmp_path / "parts", accumulate=4)
    assert interrupted(chosen, step=2).step % 4 == 1  # Keras counts whole steps
    fit.train(chosen)
    assert_same_run(tmp_path / "parts", tmp_path / "whole")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accumulate": 5}, "must divide the batch size, 32. Received: accumulate=5"),
        ({"steps_per_execution": 4}, "the 6 batches of an epoch.*Received: steps_per_execution=4"),
    ],
)
def test_steps_that_do_not_come_out_even(changes, message, settings, tmp_path):
    with pytest.raises(ValueError, match=message):
        fit.train(settings(tmp_path / "run", **changes))


@pytest.mark.exhaustive
def test_dropout_inside_a_layer_goes_on_exactly(settings, interrupted, tmp_path):
    """The layers of a memory-efficient DenseNet lie inside its blocks."""

    def chosen(out):
        option = ("memory_efficient=True", "dropout=0.3")
        return settings(
            tmp_path / out, model="densenet40_12", recipe="resnet_cifar", option=option, epochs=1
        )

    fit.train(chosen("undisturbed"))
    interrupted(chosen("stopped"), step=3)
    fit.train(chosen("stopped"))
    (row,) = RunDirectory(tmp_path / "stopped").read_history()
    assert row == pytest.approx(*RunDirectory(tmp_path / "undisturbed").read_history(), rel=1e-4)
