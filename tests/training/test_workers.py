"""Runs over several replicas and workers come to what one device comes to, whatever happens."""

import dataclasses
import os
import shlex
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns import distribute
from keras_classic_cnns.core.errors import LostWorkerError
from keras_classic_cnns.distribute import strategy
from keras_classic_cnns.training import checkpoint, fit, record, report, workers
from keras_classic_cnns.training.checkpoint import Progress
from keras_classic_cnns.training.run_directory import RunDirectory

ROOT = Path(__file__).parents[2]


def of_two(worker):
    return dataclasses.replace(strategy("cpu"), workers=2, worker=worker)


def difference(one, two):
    """The largest difference of a weight of two runs, and of a figure of their histories."""
    mine, theirs = (keras.models.load_model(run / "last.keras").get_weights() for run in (one, two))
    weights = max(float(np.max(np.abs(a - b))) for a, b in zip(mine, theirs, strict=True))
    mine, theirs = (RunDirectory(run).read_history() for run in (one, two))
    rows = zip(mine, theirs, strict=True)
    return weights, max(abs(row[name] - other[name]) for row, other in rows for name in row)


# two replicas


def test_two_replicas_come_to_the_same_and_go_on_exactly(
    settings, interrupted, trained_run, tmp_path, capsys
):
    chosen = settings(tmp_path / "whole", strategy="mirrored", steps_per_execution=3)
    assert fit.train(chosen).is_finished
    told = capsys.readouterr().out
    assert "Trains on 2 replicas on CPU:0, CPU:1, because it was asked for" in told
    assert "Each replica gets 16 images at a time" in told
    assert max(difference(tmp_path / "whole", trained_run)) < 2e-6
    # stopped in mid-epoch, then in an evaluation: the sums of both replicas are taken up again
    chosen = settings(tmp_path / "parts", strategy="mirrored")
    assert interrupted(chosen, step=7).step == 8
    assert interrupted(chosen, test_batch=1).step == 12
    fit.train(chosen)
    assert max(difference(tmp_path / "parts", trained_run)) < 2e-6


@pytest.mark.exhaustive
def test_batch_norm_sees_all_replicas_where_it_is_asked_to(settings, tmp_path):
    """That it comes to something else by itself, tests/distribute/test_keras_fit.py shows."""
    few = {
        "model": "resnet20",
        "image_size": 8,
        "channels": 1,
        "train_split": "train[:64]",
        "eval_split": "test[:16]",
        "learning_rate": 0.01,
        "epochs": 1,
    }
    fit.train(settings(tmp_path / "one", **few))
    fit.train(settings(tmp_path / "two", **few, strategy="mirrored", sync_batch_norm=True))
    # 5e-7 was seen: E[x^2] - E[x]^2 loses digits in float32
    assert max(difference(tmp_path / "one", tmp_path / "two")) < 1e-5


@pytest.mark.exhaustive
def test_averages_of_the_weights_are_kept_over_replicas(settings, tmp_path):
    common = {"recipe": "modern", "epochs": 1}
    fit.train(settings(tmp_path / "one", **common))
    fit.train(settings(tmp_path / "two", **common, strategy="mirrored"))
    assert max(difference(tmp_path / "one", tmp_path / "two")) < 2e-6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"xla": "on"}, "XLA cannot compile the steps of several replicas.*Received: xla='on'"),
        ({"accumulate": 2}, "`accumulate` must be 1 over several replicas.*accumulate=2"),
        ({"batch_size": 33}, "multiple of the 2 replicas.*Received: batch_size=33"),
    ],
)
def test_what_replicas_cannot_do_is_refused(changes, message, settings, tmp_path):
    with pytest.raises(ValueError, match=message):
        fit.train(settings(tmp_path / "run", strategy="mirrored", **changes))
    assert list(tmp_path.iterdir()) == []


def test_several_steps_an_execution_are_refused_over_workers(settings, monkeypatch):
    two = dataclasses.replace(strategy("mirrored"), workers=2)
    monkeypatch.setattr(distribute, "strategy", lambda kind, **_: two)
    with pytest.raises(ValueError, match="1 over several workers.*steps_per_execution=3"):
        workers.make_placement(settings("run", steps_per_execution=3))


def test_the_record_knows_what_batch_norm_sees(settings):
    def recorded(**changes):
        run = record.record_of(fit.make_plan(settings("run", **changes)))["run"]
        return {name: run[name] for name in ("replicas", "sync_batch_norm") if name in run}

    assert recorded() == {}
    assert recorded(strategy="mirrored") == {"replicas": 2}
    # then the number of replicas may change
    assert recorded(strategy="mirrored", sync_batch_norm=True) == {"sync_batch_norm": True}
    assert recorded(sync_batch_norm=True) == {"sync_batch_norm": True}


def test_on_a_tpu_every_size_is_known(settings, monkeypatch, capsys):
    placed = dataclasses.replace(strategy("cpu"), kind="tpu")
    monkeypatch.setattr(distribute, "strategy", lambda kind, **_: placed)
    plan = fit.make_plan(settings("run", strategy="tpu", batch_size=30))
    for batches in (plan.train_batches(skip=0), plan.eval_batches()):
        assert all(None not in spec.shape for spec in batches.element_spec)
    assert sum(len(labels) for _, labels in plan.eval_batches()) == 80
    report.announce(plan, RunDirectory("run"), step=0)
    assert "A TPU is fastest with --precision=mixed_bfloat16" in capsys.readouterr().out


def test_a_dry_run_estimates_a_replica(settings, tmp_path, capsys):
    memory = []
    for chosen in ("cpu", "mirrored"):
        fit.train(settings(tmp_path / "run", dry_run=True, strategy=chosen))
        told = capsys.readouterr().out
        memory += [line for line in told.splitlines() if "images at a time, " in line]
    assert ["32 images at a time" in memory[0], "16 images at a time" in memory[1]] == [True] * 2


# several workers: what each decides


def test_the_chief_has_the_run_directory_and_the_others_a_folder_in_it(tmp_path):
    assert workers.run_directory(tmp_path, strategy("cpu")).path == tmp_path
    assert workers.run_directory(tmp_path, of_two(0)).path == tmp_path
    other = workers.run_directory(tmp_path, of_two(1))
    assert other.path == tmp_path / "worker-1"
    other.path.mkdir()
    RunDirectory(tmp_path).check({})  # it does not count as a stranger's


def tell(monkeypatch, *others):
    """What the other workers will say."""
    told = [[*row, *[-1] * (4 - len(row))] for row in others]
    monkeypatch.setattr(distribute, "exchange", lambda mine, placement: [mine, *told])


@pytest.fixture
def saved(tmp_path):
    """`saved(folder, last, previous)`: a folder with checkpoints of these steps."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    def make(name, *steps):
        run = RunDirectory(tmp_path / name)
        run.path.mkdir()
        for path, step in zip((run.last, run.previous), steps, strict=False):
            checkpoint.save(model, path, Progress(step, metrics=[[0.0]]))
        return run

    return make


def test_all_go_on_from_the_newest_checkpoint_that_all_have(saved, monkeypatch):
    mine, chief = saved("mine", 8, 4), saved("chief")
    for others, path in (([16, 8], mine.last), ([8], mine.previous), ([16], mine.last)):
        tell(monkeypatch, others)
        found, progress, damaged = workers.newest_checkpoint(mine, chief, of_two(1))
        assert found == path and damaged == []
        assert progress.step == (8 if path == mine.last else 4)


def test_a_finished_epoch_is_newer_than_its_last_batch(saved, monkeypatch):
    mine = saved("mine", 8)
    tell(monkeypatch, [17, 16])
    assert workers.newest_checkpoint(mine, mine, of_two(0))[0] == mine.last
    tell(monkeypatch, [17])
    with pytest.raises(ValueError, match="no checkpoint in common"):
        workers.newest_checkpoint(mine, mine, of_two(0))


def test_a_worker_on_a_new_machine_takes_the_chiefs_checkpoint(saved, monkeypatch):
    chief, mine = saved("chief", 8, 4), saved("mine")
    tell(monkeypatch, [16, 8])
    assert workers.newest_checkpoint(mine, chief, of_two(1))[0] == chief.last
    mine = saved("again", 8)  # its own comes first
    assert workers.newest_checkpoint(mine, chief, of_two(1))[0] == mine.last


def test_none_has_any_or_none_in_common(saved, monkeypatch):
    empty, mine = saved("empty"), saved("mine", 8, 4)
    tell(monkeypatch, [])
    assert workers.newest_checkpoint(empty, empty, of_two(0)) == (None, Progress(), [])
    with pytest.raises(ValueError, match=r"chief's last.keras.*Received: steps=\[\[4, 8\], \[\]\]"):
        workers.newest_checkpoint(mine, mine, of_two(0))
    mine.last.write_bytes(b"half")
    tell(monkeypatch, [16, 8])
    found, progress, damaged = workers.newest_checkpoint(mine, mine, of_two(0))
    assert found == mine.previous and progress.step == 4 and "last.keras" in damaged[0]


def test_that_another_worker_is_gone_is_said_in_a_sentence(tmp_path):
    lost = tf.errors.UnavailableError(None, None, "recvmsg:Connection reset by peer")
    run = RunDirectory(tmp_path)
    with (
        pytest.raises(LostWorkerError, match="Start all workers again.*Received: worker=1") as told,
        workers.telling_of_lost_workers(of_two(1), run),
    ):
        raise lost
    assert told.value.exit_code == 75
    with pytest.raises(tf.errors.UnavailableError):
        with workers.telling_of_lost_workers(strategy("cpu"), run):
            raise lost
    with pytest.raises(ValueError, match="mine"):
        with workers.telling_of_lost_workers(of_two(0), run):
            raise ValueError("mine")


# several workers: real ones


@pytest.fixture
def launched(settings, tmp_path, monkeypatch):
    """`launched("SIGKILL", 1)`: two workers, one of which gets a signal in its tenth step."""
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    )
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    script = Path(__file__).with_name("mortal_worker.py")

    def launch(sent, max_restarts, **changes):
        chosen = settings(tmp_path / "run", **changes)
        train = shlex.split(record.command_of(chosen))[1:]
        command = [sys.executable, str(script), str(tmp_path), sent, *train]
        return distribute.launch(command, 2, max_restarts=max_restarts)

    return launch


def check_whole(run, trained_run):
    """That a run of two workers came to what one device left alone comes to."""
    for folder in (run, run / "worker-1"):
        weights, figures = difference(folder, trained_run)
        assert weights <= 1e-6 and figures <= 2e-6
    assert not (run / "worker-1" / "best.keras").exists()
    assert not list(run.rglob(".lock"))


def test_a_run_whose_worker_is_killed_ends_as_one_left_alone(
    launched, trained_run, tmp_path, capfd
):
    assert launched("SIGKILL", 1, save_every_steps=2) == 0
    told = capfd.readouterr()
    assert "worker 1 was killed by SIGKILL" in told.err and "(1 of 1 times)" in told.err
    sentence = "[0] keras-classic-cnns: Another worker has ended or cannot be reached"
    assert sentence in told.out or "SIGABRT" in told.err  # TensorFlow aborts some that wait
    assert "Traceback" not in told.out
    for index in (0, 1):  # 8 steps were saved, the ninth was not
        assert f"[{index}] Going on from step 8 (epoch 2 of 3, 2 of 6 steps)" in told.out
    check_whole(tmp_path / "run", trained_run)


@pytest.mark.exhaustive
def test_a_signal_to_one_worker_stops_all_after_the_same_batch(
    launched, trained_run, tmp_path, capfd
):
    code = launched("SIGTERM", 0)
    told = capfd.readouterr()
    assert code == 143 and "Traceback" not in told.out
    for index in (0, 1):
        assert f"[{index}] Stopped" in told.out
    assert launched("SIGTERM", 0) == 0
    told = capfd.readouterr().out
    for index in (0, 1):
        assert f"[{index}] Going on from step 10 (epoch 2 of 3, 4 of 6 steps)" in told
    check_whole(tmp_path / "run", trained_run)
