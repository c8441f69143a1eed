"""The history race runs, goes on, keeps to its limit, and tells what it found."""

import dataclasses
import json
import signal

import pytest
from matplotlib.image import imread

import keras_classic_cnns as kcc
from keras_classic_cnns.core import errors
from keras_classic_cnns.experiments import (
    ENTRANTS,
    Entrant,
    RaceSettings,
    Row,
    history_race,
    race,
    race_page,
    race_picture,
)
from keras_classic_cnns.experiments.race_row import standings
from keras_classic_cnns.training import TrainResult

TINY = (
    Entrant("lenet5", 0.1, epochs=1, why="Short."),
    Entrant("nincifar", 0.1, epochs=1, option=("dropout=0.0",), why="Short."),
)
ROW = Row(
    model="lenet5",
    input_shape=[28, 28, 1],
    parameters=61_706,
    macs=416_520,
    recipe="lenet5",
    learning_rate=0.004,
    train_images=1293,
    test_images=360,
    classes=10,
    accuracy=0.975,
    processor_seconds=10.0,
    seconds=5.0,
    machine="A processor, 2 cores",
    error=None,
    settings={"seed": 0, "dataset": "digits", "option": [], "epochs": 20, "batch_size": 32},
)


def row(model="lenet5", seed=0, **changes):
    settings = {**ROW.settings, "seed": seed}
    return dataclasses.replace(ROW, model=model, settings=settings, **changes)


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


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"only": ("lenet",)}, r"The entrants are .*lenet5.*Received: only='lenet'"),
        ({"seeds": ("0", "0")}, r"`seeds` must be different .*Received: seeds="),
        ({"seeds": ("-1",)}, r"`seeds` must be different .*Received: seeds="),
        ({"images": 10}, r"`images` must be .*Received: images=10"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        race(settings(tmp_path, **changes))


def test_every_family_takes_part_with_its_least_input():
    specs = [kcc.get_spec(name) for name in kcc.list_models()]
    entrants = [kcc.get_spec(entrant.model) for entrant in ENTRANTS]
    assert sorted(spec.family for spec in entrants) == sorted({spec.family for spec in specs})
    for entrant, spec in zip(ENTRANTS, entrants, strict=True):
        words = entrant.settings(images=1293, side=8)
        assert words["image_size"] == (entrant.size or spec.minimum_size)
        assert entrant.settings(images=10_000, side=224)["image_size"] == 224
        kcc.recipes.for_model(spec)


def test_entrants_say_why_they_depart():
    for wrong in ({"size": 64}, {"learning_rate": 0.1}, {"why": "No reason."}):
        with pytest.raises(ValueError, match="`why` must tell the reason"):
            Entrant("lenet5", 1.0, **wrong)


def test_cheap_networks_and_small_sets_are_passed_over_more_often():
    assert Entrant("lenet5", 1.0).settings(1293, 8)["epochs"] == 12
    assert Entrant("lenet5", 1000.0).settings(1293, 8)["epochs"] == 3
    assert Entrant("lenet5", 1.0).settings(9000, 8)["epochs"] == 2
    assert Entrant("lenet5", 1.0).settings(50_000, 8)["epochs"] == 1


@pytest.mark.parametrize(("accuracy", "learned"), [(0.147, False), (0.148, True), (None, False)])
def test_chance_is_three_deviations_above_a_guess(accuracy, learned):
    assert row(accuracy=accuracy).learned is learned


def test_the_page_tells_what_failed_and_what_departs():
    rows = [row(seed=0), row(seed=1, accuracy=0.995, processor_seconds=None)]
    assert "| 1998 | LeNet5 | 28x28x1 | 61,706 | 416,520 | `lenet5` | 0.004 | 20 |" in (
        text := race_page.page(rows, 6, "a.png")
    )
    assert "98.5 (97.5 to 99.5) | 10 |" in text and "2 of 6 runs" in text
    assert "seeds 0, 1" in text and "Every run did better than chance." in text
    departing = next(entrant for entrant in ENTRANTS if entrant.why)
    text = race_page.page([row(departing.model, accuracy=0.11), row(accuracy=None)], 6, "a.png")
    constructor = kcc.get_spec(departing.model).constructor
    assert f"- {constructor}, seed 0: 11.00% of the test images, which is chance, 5 s." in text
    assert "- LeNet5, seed 0: diverged, 5 s." in text and "| diverged |" in text
    assert departing.why in text and "Every run" not in text


def test_a_run_in_parts_tells_no_time():
    (standing,) = standings([row(processor_seconds=None, seconds=None)])
    assert standing.processor_seconds is None
    assert race_page.page(standing.rows, 1, "a.png").count("(97.5 to 97.5) | - |") == 1


def test_the_picture_is_drawn_and_small(tmp_path):
    rows = [row(entrant.model, macs=10 ** (6 + i % 4)) for i, entrant in enumerate(ENTRANTS)]
    rows += [row("resnet20", accuracy=None), row("vgg11", accuracy=1.0, processor_seconds=None)]
    path = tmp_path / "race.png"
    assert race_picture.draw(standings(rows), path)
    assert path.stat().st_size < 200_000
    assert imread(path).shape[:2] == (1080, 912)


def test_labels_cover_neither_points_nor_each_other():
    points = [(100 + 9 * (i % 5), 100 + 9 * (i // 5)) for i in range(25)]
    boxes = race_picture.place(points, [(40, 8)] * 25, (0, 0, 400, 300))
    for i, (left, bottom, right, top) in enumerate(boxes):
        assert left >= 0 and bottom >= 0 and right <= 400 and top <= 300
        for other in boxes[:i]:
            assert left >= other[2] or right <= other[0] or bottom >= other[3] or top <= other[1]
