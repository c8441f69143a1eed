import contextlib
import os
import subprocess
import sys

import pytest

from keras_classic_cnns.preprocessing import MODES
from keras_classic_cnns.training.run_directory import (
    RunDirectory,
    best_row,
    check_same_run,
    newest_session,
)
from keras_classic_cnns.weights import read_preprocessing

RECORD = {"run": {"seed": 0}, "recipe": {"epochs": 2, "source": "a", "schedule": {"rate": 1}}}


def test_prepare_writes_settings_and_labels(tmp_path):
    run = RunDirectory(tmp_path / "deep" / "run")
    run.prepare(RECORD, ("cat", "dog"), MODES["tf"])
    assert run.read_record() == RECORD
    assert run.labels.read_text() == "cat\ndog\n"
    assert [read_preprocessing(model) for model in (run.best, run.last)] == [MODES["tf"]] * 2


def test_leftovers_are_removed(tmp_path):
    run = RunDirectory(tmp_path)
    (tmp_path / ".part-x-last.keras").write_bytes(b"half")
    run.check(RECORD)
    run.prepare(RECORD, ("cat",), MODES["tf"])
    assert not list(tmp_path.glob(".part-*"))
    assert run.settings.exists() and run.labels.exists()


def test_a_run_that_saved_nothing_may_be_replaced(tmp_path):
    run = RunDirectory(tmp_path)
    run.check(RECORD)
    run.prepare(RECORD, ("cat",), MODES["tf"])
    other = RECORD | {"run": {"seed": 1}}
    run.check(other)
    run.write_history([{"epoch": 1, "step": 6}])
    run.check(RECORD)
    with pytest.raises(ValueError, match=r"run\.seed: 0 there, 1 now"):
        run.check(other)


def session(number):
    return {part: f"{part} {number}" for part in ("command", "settings", "versions")}


def test_the_first_record_stays_and_later_sessions_are_added(tmp_path):
    run = RunDirectory(tmp_path)
    run.prepare(RECORD | session(0), ("cat",), MODES["tf"])
    run.prepare(RECORD | session(1), ("cat",), MODES["tf"])  # nothing was saved: it begins anew
    assert run.read_record() == RECORD | session(1)
    assert newest_session(run.read_record())["command"] == "command 1"
    run.write_history([{"epoch": 1, "step": 6}])
    longer = RECORD | {"recipe": RECORD["recipe"] | {"epochs": 3}}
    run.prepare(RECORD | session(2), ("cat",), MODES["tf"])
    run.prepare(longer | session(3), ("cat",), MODES["tf"])
    assert run.read_record() == longer | session(1) | {"resumed": [session(2), session(3)]}
    assert newest_session(run.read_record()) == session(3)
    with pytest.raises(ValueError, match=r"recipe\.epochs: 3 there, 2 now"):
        run.check(RECORD)


def test_a_folder_is_locked_once(tmp_path):
    run = RunDirectory(tmp_path)
    with run.locked():
        run.check(RECORD)  # the lock is no foreign file
        with pytest.raises(ValueError, match="is in use: another process.* Received: out='"):
            with RunDirectory(tmp_path).locked():
                raise AssertionError("locked twice")
        assert run.lock.exists()
    assert list(tmp_path.iterdir()) == []
    with run.locked():
        assert run.lock.exists()


def test_a_lock_holds_between_processes_and_ends_with_its_process(tmp_path):
    code = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); "
    code += "print('locked', flush=True); sys.stdin.read()"
    run = RunDirectory(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(run.lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(ValueError, match="is in use"), run.locked():
            raise AssertionError("locked twice")
        assert run.lock.exists()
    finally:
        holder.kill()
        holder.communicate()
    assert run.lock.exists()  # left by the one that was killed
    with run.locked():
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_removed_meanwhile_is_made_again(tmp_path, monkeypatch):
    """Opened before, and locked after the process before has removed it."""
    run, real, opened = RunDirectory(tmp_path), os.open, []

    def late(path, *args, **kwargs):
        handle = real(path, *args, **kwargs)
        if path == run.lock:
            opened.append(handle)
            if len(opened) == 1:
                run.lock.unlink()
        return handle

    monkeypatch.setattr(os, "open", late)
    with run.locked():
        assert len(opened) == 2 and os.path.samestat(os.fstat(opened[1]), run.lock.stat())


@pytest.mark.parametrize("writes", [False, True])
def test_a_lock_leaves_no_empty_folders(tmp_path, writes):
    run = RunDirectory(tmp_path / "runs" / "deep" / "run")
    with contextlib.suppress(KeyError), run.locked():
        if writes:
            run.labels.write_text("cat\n")
        raise KeyError
    assert list(tmp_path.rglob("*.txt")) == ([run.labels] if writes else [])
    assert (tmp_path / "runs").exists() == writes


def test_history_survives_the_file_exactly(tmp_path):
    run = RunDirectory(tmp_path)
    assert run.read_history() == []
    rows = [{"epoch": 1, "step": 6, "loss": 0.1 + 0.2}, {"epoch": 2, "step": 12, "loss": 1e-30}]
    run.write_history(rows)
    assert run.read_history() == rows
    assert run.history.read_text().splitlines()[0] == "epoch,step,loss"


def test_what_is_no_run_is_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError, match="not a run directory of `train`. Received: path="):
        RunDirectory(tmp_path).read_record()
    (tmp_path / "settings.json").write_text('{"run":')
    with pytest.raises(ValueError, match="settings.json is damaged"):
        RunDirectory(tmp_path).read_record()


def changed(**changes):
    return {"run": RECORD["run"], "recipe": RECORD["recipe"] | changes}


def test_a_run_may_get_longer_and_its_recipe_reworded(tmp_path):
    check_same_run(RECORD, changed(epochs=3, schedule={"rate": 2}), tmp_path)
    check_same_run(RECORD, changed(source="b"), tmp_path)
    check_same_run(RECORD | {"versions": {}}, RECORD, tmp_path)


def test_every_other_difference_is_listed(tmp_path):
    other = {"run": {"seed": 1, "model": "x"}, "recipe": {"epochs": 1, "schedule": {"rate": 2}}}
    with pytest.raises(ValueError) as error:
        check_same_run(RECORD, other, tmp_path)
    for line in (
        "  run.seed: 0 there, 1 now",
        "  run.model: 'nothing' there, 'x' now",
        "  recipe.epochs: 2 there, 1 now",
        "  recipe.schedule.rate: 1 there, 2 now",
    ):
        assert line in str(error.value).splitlines()
    with pytest.raises(ValueError, match=r"recipe\.schedule\.rate"):
        check_same_run(RECORD, changed(schedule={"rate": 2}), tmp_path)


def test_best_row_takes_the_first_of_equals():
    rows = [
        {"epoch": epoch, "val_accuracy": accuracy, "val_loss": loss}
        for epoch, (accuracy, loss) in enumerate([(0.8, 0.1), (0.9, 0.5), (0.9, 0.4), (0.9, 0.4)])
    ]
    assert best_row(rows)["epoch"] == 2
