"""The history race runs, goes on, keeps to its limit, and tells what it found."""

import dataclasses
import json
import signal

import pytest

from keras_classic_cnns.core import errors
from keras_classic_cnns.experiments import (
    Entrant,
    RaceSettings,
    history_race,
    race,
)
from keras_classic_cnns.training import TrainResult

TINY = (
    Entrant("lenet5", 0.1, epochs=1, why="Short."),
    Entrant("nincifar", 0.1, epochs=1, option=("dropout=0.0",), why="Short."),
)


def settings(folder, **changes):
    return RaceSettings(**{"out": str(folder), "images": 320, "seeds": (0,), **changes})


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A race of two networks, run once: its folder and result."""
    folder = tmp_path_factory.mktemp("race")
    return folder, race(settings(folder), TINY)


def test_a_race_gives_a_row_a_run_and_the_page(first):
    folder, result = first
    assert [r.model for r in result.rows] == ["lenet5", "nincifar"]
    assert (result.runs, result.stopped, result.exit_code) == (2, None, 0)
    lenet = result.rows[0]
    assert (lenet.input_shape, lenet.parameters, lenet.macs) == ([28, 28, 1], 61_706, 416_520)
    assert (lenet.train_images, lenet.test_images, lenet.classes) == (288, 360, 10)
    assert lenet.settings["eval_split"] == "train[288:320]"
    assert lenet.processor_seconds > 0 and 0 <= lenet.accuracy <= 1
    text = (folder / "digits" / "history_race.md").read_text()
    assert "2 of 2 runs" in text and "| 2013 | NiNCIFAR(dropout=0.0) | 8x8x3 |" in text
    assert not list(folder.rglob("*.keras"))


def test_the_same_race_again_trains_nothing(first, monkeypatch):
    folder, result = first
    monkeypatch.setattr(history_race, "train", None)
    assert race(settings(folder), TINY).rows == result.rows


def test_a_result_of_other_settings_is_refused(first):
    folder, _ = first
    longer = dataclasses.replace(TINY[0], epochs=2)
    with pytest.raises(ValueError, match="result of other settings.*lenet5-seed0.json"):
        race(settings(folder), [longer])


def test_no_run_starts_that_would_pass_the_limit(first, tmp_path, capsys):
    folder, _ = first
    more = settings(folder, seeds=("0", "1"), limit_minutes=0.0)
    result = race(more, TINY)
    assert (len(result.rows), result.runs) == (2, 4)
    assert result.stopped.startswith("lenet5 would take")
    assert "2 of 4 runs: lenet5 would take" in capsys.readouterr().out
    assert race(settings(tmp_path, limit_minutes=0.0), TINY).page is None


def test_a_run_that_diverges_is_told(tmp_path, monkeypatch):
    def diverge(settings):
        raise errors.DivergedError("The training has diverged: the loss is nan after batch 3.")

    monkeypatch.setattr(history_race, "train", diverge)
    (found,) = race(settings(tmp_path), TINY[:1]).rows
    assert found.accuracy is None and found.error.endswith("nan after batch 3.")
    assert found.parameters == 61_706
    text = (tmp_path / "digits" / "history_race.md").read_text()
    assert "- LeNet5, seed 0: diverged" in text and ".png" not in text
    kept = json.loads((tmp_path / "digits" / "lenet5-seed0.json").read_text())
    assert kept["accuracy"] is None


def test_a_signal_ends_the_race_and_keeps_the_place(tmp_path, monkeypatch, capsys):
    def stop(settings):
        return TrainResult(tmp_path, 1, 9, [], stopped_by=signal.SIGTERM)

    monkeypatch.setattr(history_race, "train", stop)
    result = race(settings(tmp_path), TINY)
    assert (result.rows, result.page, result.exit_code) == ((), None, 128 + 15)
    assert "0 of 2 runs: stopped by SIGTERM. The same command" in capsys.readouterr().out
