"""The code of docs/training.md runs as it stands, and its words agree with the flags."""

import re

import pytest
from conventions.source_tree import python_blocks, read

from keras_classic_cnns.experiments import RaceSettings
from keras_classic_cnns.training import EvaluateSettings, TrainSettings

PAGE = read("docs/training.md")


# test_doctests runs all of them; here it is looked at what comes out of three
ONE_DEVICE, _, _, _, ARRAYS, STRATEGY = python_blocks(PAGE)


@pytest.mark.parametrize("block", [ONE_DEVICE, STRATEGY], ids=["one device", "a strategy"])
def test_the_code_runs(block):
    names = {}
    exec(compile(block, "docs/training.md", "exec"), names)
    assert int(names["model"].optimizer.iterations) == 2 * names["data"]["steps_per_epoch"]
    assert names["model"].history.history["val_accuracy"][-1] > 0.5


def test_arrays_are_taken():
    names = {}
    exec(compile(ARRAYS, "docs/training.md", "exec"), names)
    images, labels = next(iter(names["arguments"]["x"]))
    assert images.shape == (32, 32, 32, 1) and set(labels.numpy()) == {0, 1}
    assert names["arguments"]["steps_per_epoch"] == 2


def test_every_flag_that_is_named_exists():
    flags = set(re.findall(r"--(\w+)", PAGE))
    jobs = (EvaluateSettings, RaceSettings, TrainSettings)
    assert flags and flags <= {flag for job in jobs for flag in job.__dataclass_fields__}
