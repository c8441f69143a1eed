import dataclasses
import json

import pytest

from keras_classic_cnns.distribute import KINDS
from keras_classic_cnns.training import jobs


def test_settings_go_through_json():
    chosen = jobs.TrainSettings(model="lenet5", dataset="digits", augment=("pad_crop",))
    read = json.loads(json.dumps(dataclasses.asdict(chosen)))
    assert jobs.TrainSettings(**read) == chosen


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "`epochs` must be at least 1"),
        ({"batch_size": 1.5}, "`batch_size` must be an integer"),
        ({"learning_rate": -1.0}, "`learning_rate` must be at least 0"),
        ({"channels": 2}, "`channels` must be one of 1, 3"),
        ({"progress": "loud"}, "`progress` must be one of 'auto', 'bar', 'line', 'none'"),
        ({"seed": -1}, "`seed` must be at least 0"),
        ({"seed": 2**32}, "`seed` must be at most 4294967295. Received: seed=4294967296"),
        ({"model": ""}, "`model` must not be empty"),
        ({"strategy": "horovod"}, "`strategy` must be one of 'auto', 'cpu'"),
        ({"out": "gs://bucket/run"}, "--data_dir may be there. Received: out='gs://bucket/run'"),
    ],
)
def test_train_settings_are_checked(changes, message):
    with pytest.raises((ValueError, TypeError), match=message):
        jobs.TrainSettings(**{"model": "lenet5", "dataset": "digits"} | changes)


def test_strategies_are_those_there_are():
    (field,) = (f for f in dataclasses.fields(jobs.TrainSettings) if f.name == "strategy")
    assert field.metadata["choices"] == KINDS


def test_data_may_be_in_a_cloud():
    chosen = jobs.TrainSettings(model="lenet5", dataset="digits", data_dir="gs://bucket/sets")
    assert chosen.data_dir == "gs://bucket/sets"
