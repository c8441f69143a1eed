"""What is behind `--` becomes the command of workers, here or as a task of SLURM."""

import os
import sys

import pytest

from keras_classic_cnns import distribute

WORDS = ["train", "--model=lenet5", "--dataset=digits"]


@pytest.fixture(scope="module")
def script(load_script):
    return load_script("launch_workers")


def check_command(command):
    assert command[0] == sys.executable and command[1].endswith("scripts/keras-classic-cnns")
    assert command[2:] == WORDS


def test_workers_are_launched_here(script, monkeypatch):
    asked = []

    def launch(command, workers, **arguments):
        check_command(command)
        asked.append((workers, arguments))
        return 7

    monkeypatch.setattr(distribute, "launch", launch)
    assert script.main(["--workers=3", "--max_restarts=1", "--port=9000", "--", *WORDS]) == 7
    assert script.main(["--", *WORDS]) == 7
    assert asked == [
        (3, {"max_restarts": 1, "port": 9000}),
        (2, {"max_restarts": 3, "port": None}),
    ]


def test_a_task_of_slurm_becomes_its_worker(script, monkeypatch, capsys):
    became = []
    monkeypatch.setattr(os, "execve", lambda program, *rest: became.append(rest))
    monkeypatch.delenv("SLURM_PROCID", raising=False)
    assert script.main(["--slurm", "--", *WORDS]) == 2
    assert "no task of a SLURM job step" in capsys.readouterr().err and became == []
    step = {"STEP_NODELIST": "n[1-2]", "STEP_TASKS_PER_NODE": "1(x2)", "PROCID": "1"}
    for name, value in step.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    script.main(["--slurm", "--", *WORDS])
    ((command, environment),) = became
    check_command(command)
    cluster = distribute.read_cluster(environment)
    assert cluster.addresses == ("n1:8470", "n2:8470") and cluster.index == 1


def test_wrong_words_are_told(script, capsys):
    assert script.main(["--workers=0", "--", *WORDS]) == 2
    assert "launch_workers: `workers` must be at least 1" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        script.main([])
    for flag in ("--workers=2", "--max_restarts=3"):
        with pytest.raises(SystemExit):
            script.main(["--slurm", flag, "--", *WORDS])
        assert f"{flag[:-2]} does nothing with --slurm" in capsys.readouterr().err
