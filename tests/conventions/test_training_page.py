"""The code of docs/training.md runs as it stands, and its words agree with the flags."""

import re

import pytest
from conventions.source_tree import python_blocks, read

from keras_classic_cnns.training import EvaluateSettings, TrainSettings

PAGE = read("docs/training.md")


@pytest.mark.parametrize("block", python_blocks(PAGE), ids=["one device", "a strategy"])
def test_the_code_runs(block):
    names = {}
    exec(compile(block, "docs/training.md", "exec"), names)
    assert int(names["model"].optimizer.iterations) == 2 * names["data"]["steps_per_epoch"]
    assert names["model"].history.history["val_accuracy"][-1] > 0.5


def test_every_flag_that_is_named_exists():
    flags = set(re.findall(r"--(\w+)", PAGE))
    jobs = (EvaluateSettings, TrainSettings)
    assert flags and flags <= {flag for job in jobs for flag in job.__dataclass_fields__}
