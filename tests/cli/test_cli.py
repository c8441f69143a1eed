"""The command line: what it prints, and its exit codes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns import cli
from keras_classic_cnns.core.errors import LostWorkerError
from keras_classic_cnns.training.run_directory import RunDirectory

ROOT = Path(__file__).resolve().parents[2]
TINY = [
    *("train", "--model=lenet5", "--dataset=digits", "--train_split=train[:200]"),
    *("--eval_split=test[:80]", "--batch_size=32", "--epochs=2", "--progress=line"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run, made by the command."""
    out = tmp_path_factory.mktemp("cli") / "run"
    assert cli.main([*TINY, f"--out={out}"]) == 0
    return out


@pytest.fixture
def image(tmp_path):
    pixels, _ = next(kcc.data.load("digits", "test").dataset.as_numpy_iterator())
    keras.utils.save_img(tmp_path / "digit.png", pixels, scale=False)
    return str(tmp_path / "digit.png")


def test_train_shows_keras_progress(run, capsys, tmp_path):
    assert cli.main([*TINY, f"--out={tmp_path / 'again'}"]) == 0
    told = capsys.readouterr().out
    assert "LeNet5 on digits: 200 images of 10 classes" in told
    assert "Epoch 2/2" in told and "6/6 - " in told and "val_accuracy: " in told
    assert "Finished 2 epochs: best validation accuracy" in told
    assert cli.main([*TINY, f"--out={run}"]) == 0
    assert "Nothing to do" in capsys.readouterr().out


def test_evaluate_prints_a_table_or_json(run, capsys):
    assert cli.main(["evaluate", str(run)]) == 0
    table = capsys.readouterr().out
    assert "  top-1 " in table and "  top-5 " in table and "confusion.png" in table
    assert cli.main(["evaluate", str(run), "--json", "--split=test"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["images"] == 360 and 0 <= figures["top1"] <= figures["top5"] <= 1


def test_export_and_predict(run, image, tmp_path, capsys):
    out = tmp_path / "served"
    assert cli.main(["export", str(run), f"--out={out}"]) == 0
    assert f"SavedModel: {out / '1'}" in capsys.readouterr().out
    answers = []
    for path in (run, run / "best.keras", out):
        assert cli.main(["predict", str(path), image, "--top=2", "--json"]) == 0
        answers.append([c["label"] for c in json.loads(capsys.readouterr().out)[0]["classes"]])
    assert answers[0] == answers[1] == answers[2] and len(answers[0]) == 2


def test_predict_names_what_it_cannot_read(run, image, capsys):
    assert cli.main(["predict", str(run), "none.png", image]) == 1
    told = capsys.readouterr()
    assert told.out.startswith(f"{image}\n  ") and "%" in told.out
    assert "none.png: There is no such file" in told.err


def test_summary(capsys):
    assert cli.main(["summary", "lenet5", "--classes=5", "--option=variant=modern"]) == 0
    told = capsys.readouterr().out
    assert "stage1_c1" in told and "61,281 parameters (61,281 trainable), 416,100" in told
    assert cli.main(["summary", "resnet20", "--input_shape=16,16,1"]) == 0
    assert "16x16x1" in capsys.readouterr().out


def test_list(capsys):
    assert cli.main(["list", "lenet*"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "input", "classes", "summary"]
    assert line.split()[:4] == [
        "lenet5",
        "32x32x1",
        "10",
        kcc.get_spec("lenet5").summary.split()[0],
    ]
    assert cli.main(["list", "resnet20", "--parameters"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "input", "classes", "parameters", "summary"]
    assert line.split()[:4] == ["resnet20", "32x32x3", "10", "269,722"]  # trainable ones


def test_a_list_without_parameters_builds_nothing(capsys, monkeypatch):
    monkeypatch.setattr(kcc.registry, "get_model", lambda name: pytest.fail("a model was built"))
    assert cli.main(["list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + len(kcc.list_models())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "There is no command 'trian'. Did you mean 'train'?"),
        (
            ["train"],
            "Needed and not given: --model, --dataset (see keras-classic-",
        ),
        (["train", "--epohcs=3"], "Did you mean: epochs"),
        ([*TINY, "--batch_size=0"], "`batch_size` must be at least 1. Received: batch_size=0"),
        (["predict", "run"], "IMAGE... is missing"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(words, message, capsys):
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert message in told.err and told.out == ""
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["summary", "lenet6"], "There is no model of this name. Did you mean 'lenet5'"),
        (["summary", "lenet5", "--option=depth=3"], "no option 'depth'; it has variant"),
        (["summary", "lenet5", "--option=classes=3"], "no option 'classes'"),
        (["list", "vgg0*"], "No model's name matches"),
        (["evaluate", "/nowhere"], "There is no such model. Received: path='/nowhere'"),
        (["export", "/"], "not a run directory of `train`. Received: path='/'"),
        ([*TINY, "--dataset=cifar10", "--data_dir=/nowhere"], "download_and_prepare()"),
        ([*TINY, "--dataset=cifra10"], "cifar10"),
        ([*TINY, "--option=shortcut"], "written name=value"),
    ],
)
def test_known_errors_have_no_traceback(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 1
    told = capsys.readouterr()
    assert message in told.err and "Traceback" not in told.err
    assert list(tmp_path.iterdir()) == []
    assert cli.main([*words, "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_who_has_lost_another_worker_says_so_by_the_exit_code(monkeypatch, capsys):
    def lose(settings):
        raise LostWorkerError("Another worker is gone. Received: worker=1")

    losing = cli.Command(cli.COMMANDS["list"].settings, lose, "Loses.")
    monkeypatch.setitem(cli.COMMANDS, "list", losing)
    assert cli.main(["list"]) == 75
    assert "Another worker is gone" in capsys.readouterr().err


def test_a_full_disk_comes_with_advice(monkeypatch, capsys, tmp_path):
    def full(self, path, **_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", full)
    assert cli.main([*TINY, f"--out={tmp_path / 'run'}"]) == 1
    told = capsys.readouterr().err
    assert "keras-classic-cnns: [Errno 28] No space left on device (--debug shows where)\n" in told
    assert told.endswith("Make room, then give the same command to go on.\n")


def test_faults_of_ours_are_not_hidden(monkeypatch):
    broken = cli.Command(cli.COMMANDS["list"].settings, lambda settings: 1 // 0, "Breaks.")
    monkeypatch.setitem(cli.COMMANDS, "list", broken)
    with pytest.raises(ZeroDivisionError):
        cli.main(["list"])


def test_help(capsys):
    for words, code in ((["--help"], 0), ([], 2)):
        assert cli.main(words) == code
        told = capsys.readouterr().out
        assert all(f"  {name} " in told for name in cli.COMMANDS)
    for name, command in cli.COMMANDS.items():
        assert cli.main([name, "--help"]) == 0
        told = capsys.readouterr().out
        assert told.startswith(f"Usage: keras-classic-cnns {name}")
        assert command.summary in told and "--[no]onednn" in told and "Default: " in told
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"keras-classic-cnns {kcc.__version__}\n"


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "keras_classic_cnns.cli", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def after_an_epoch(process):
    """Reads what a process prints until an epoch has ended; returns the lines."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "val_accuracy" in line:
            break
    return lines


def stop(process, number):
    """Sends a signal and waits; returns what was still printed, by stdout and stderr."""
    process.send_signal(number)
    return process.communicate(timeout=60)


def test_a_real_signal_stops_cleanly_and_the_same_command_goes_on(tmp_path):
    out = tmp_path / "run"
    endless = [word.replace("--epochs=2", "--epochs=5000") for word in TINY]
    first, second = None, None
    try:
        first = start(*endless, f"--out={out}")
        after_an_epoch(first)
        told, errors = stop(first, signal.SIGINT)
        assert first.returncode == 130
        assert "Traceback" not in errors and "SIGINT: stopping after this batch" in errors
        assert "Stopped by SIGINT after step " in told and "To go on: keras-classic-cnns" in told
        assert {path.name for path in out.iterdir()} == {
            *("settings.json", "labels.txt", "last.keras", "previous.keras", "best.keras"),
            "history.csv",
            *("tensorboard", "learning_curve.png"),
            *("last.preprocessing.json", "best.preprocessing.json"),
        }
        rows = len(RunDirectory(out).read_history())
        step = int(keras.models.load_model(out / "last.keras").optimizer.iterations)
        assert rows >= 1 and step // 6 - rows in (0, 1)

        second = start(*endless, f"--out={out}")
        lines = after_an_epoch(second)
        assert any(line.startswith(f"Going on from step {step} ") for line in lines)
        _, errors = stop(second, signal.SIGTERM)
        assert second.returncode == 143 and "Traceback" not in errors
        assert len(RunDirectory(out).read_history()) > rows
    finally:
        for process in (first, second):
            if process is not None and process.poll() is None:
                process.kill()
                process.communicate()


def test_checkpoints_reload_in_a_fresh_process(run):
    """With nothing imported but keras and this package, and safe mode on."""
    code = f"""
import keras, keras_classic_cnns
model = keras.models.load_model({str(run / "best.keras")!r}, safe_mode=True)
print("iterations", int(model.optimizer.iterations))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("iterations ")
