"""scripts/*.py are the commands under other names."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from absl import flags

from keras_classic_cnns import cli

ROOT = Path(__file__).resolve().parents[2]


COMMAND = ROOT / "scripts" / "keras-classic-cnns"


@pytest.mark.parametrize(
    "environment, flags, told",
    [
        (None, [], "oneDNN: on"),
        (None, ["--noonednn"], "oneDNN: off"),
        (None, ["--onednn=false"], "oneDNN: off"),
        ("0", [], "oneDNN: off"),
        ("0", ["--onednn"], "oneDNN: on"),
    ],
)
def test_the_command_switches_onednn_before_tensorflow_is_imported(environment, flags, told):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for variable in ("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL"):
        env.pop(variable, None)
    if environment is not None:
        env["TF_ENABLE_ONEDNN_OPTS"] = environment
    done = subprocess.run(
        [sys.executable, str(COMMAND), "list", "lenet*", *flags],
        capture_output=True,
        text=True,
        env=env,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"\n{done.stderr}".count("\noneDNN: ") == 1 and f"\n{told}" in f"\n{done.stderr}"
    assert "cuInit" not in done.stderr  # a missing GPU is no error
    assert "lenet5" in done.stdout


@pytest.mark.parametrize("script", ["keras-classic-cnns", "quickstart.py"])
@pytest.mark.parametrize(
    "words, expected",
    [
        ([], "1"),
        (["--onednn=true"], "1"),
        (["--onednn=1", "--out=x"], "1"),
        (["-onednn=T"], "1"),
        (["--onednn=false"], "0"),
        (["--onednn=0"], "0"),
        (["-onednn=False"], "0"),
        (["-noonednn"], "0"),
        (["--onednn", "--noonednn"], "0"),
        (["--onednn=false", "--onednn"], "1"),
        (["--noonednn", "--out=--onednn"], "0"),
    ],
)
def test_every_spelling_of_the_switch_counts(script, words, expected, monkeypatch):
    for variable in ("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(variable, "")  # so that it is put back afterwards
        monkeypatch.delenv(variable)
    monkeypatch.setattr(sys, "argv", [script, *words])
    for flag in ("out", "epochs", "seed", "onednn"):  # defined anew by every run of the script
        if flag in flags.FLAGS:
            delattr(flags.FLAGS, flag)
    runpy.run_path(str(ROOT / "scripts" / script), run_name="imported")
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == expected
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"


@pytest.mark.parametrize("words, kept", [(["--debug"], False), (["--debug=false"], True)])
def test_debugging_shows_what_tensorflow_says(words, kept, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    monkeypatch.setattr(sys, "argv", ["keras-classic-cnns", "list", *words])
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    runpy.run_path(str(COMMAND), run_name="imported")
    assert ("TF_CPP_MIN_LOG_LEVEL" in os.environ) == kept


def run(name, words, monkeypatch):
    monkeypatch.setattr(sys, "argv", [f"scripts/{name}.py", *words])
    with pytest.raises(SystemExit) as exit:
        runpy.run_path(str(ROOT / "scripts" / f"{name}.py"), run_name="__main__")
    return exit.value.code


@pytest.mark.parametrize("name", [name for name in cli.COMMANDS if name != "list"])
def test_a_script_is_its_command(name, monkeypatch, capsys):
    assert run(name, ["--help"], monkeypatch) == 0
    assert capsys.readouterr().out.startswith(f"Usage: keras-classic-cnns {name} ")
    assert run(name, ["--nonsense"], monkeypatch) == 2
    assert "nonsense" in capsys.readouterr().err


def test_the_quickstart_does_every_step_and_fails_below_97_percent(tmp_path):
    """One epoch is too short for 97 %; what it makes is the same."""
    done = subprocess.run(
        [
            *(sys.executable, str(ROOT / "scripts" / "quickstart.py")),
            *("--epochs=1", "--out=q", "--noonednn"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1, done.stderr[-2000:]
    assert "The test accuracy should be at least 97%" in done.stderr
    for command in ("train", "evaluate", "export", "predict"):
        assert f"\n$ keras-classic-cnns {command} " in done.stdout
    assert "To try next" in done.stdout and "oneDNN: off" in done.stderr
    made = {path.name for path in (tmp_path / "q").iterdir()}
    assert {"best.keras", "learning_curve.png", "confusion.png", "digit.png", "export"} <= made
