"""TF_CONFIG is read, or refused in words that say what is wrong with it."""

import json

import pytest

from keras_classic_cnns.distribute import Cluster, read_cluster

TWO = {"worker": ["a:1", "b:1"]}


def config(cluster, role="worker", index=0):
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": role, "index": index}})}


def test_no_variable_and_no_cluster_are_no_cluster():
    assert read_cluster({}) is None
    assert read_cluster({"TF_CONFIG": "{}"}) is None


def test_the_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config(TWO, index=1)["TF_CONFIG"])
    assert read_cluster() == Cluster(("a:1", "b:1"), 1)


def test_the_first_worker_is_the_chief_where_no_chief_is_named():
    assert [read_cluster(config(TWO, index=i)).is_chief for i in (0, 1)] == [True, False]


def test_a_named_chief_comes_first():
    named = {"worker": ["a:1"], "chief": ["c:1"]}
    assert read_cluster(config(named, "chief")) == Cluster(("c:1", "a:1"), 0)
    assert read_cluster(config(named, "worker")) == Cluster(("c:1", "a:1"), 1)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"TF_CONFIG": "{"}, "TF_CONFIG is not JSON"),
        ({"TF_CONFIG": "[1]"}, "must be a JSON object"),
        (config(["a:1"]), "as an object of lists"),
        (config({**TWO, "ps": ["p:1"]}), "names parameter servers, with which Keras 3 cannot"),
        (config({**TWO, "evaluator": ["e:1"]}), "may name chief and worker only, and names eval"),
        (config({"worker": "a:1"}), 'must hold "worker" as a list'),
        (config({**TWO, "chief": ["c:1", "d:1"]}), "one chief only"),
        (config(TWO, index=2), 'must hold "task"'),
        (config(TWO, index=-1), 'must hold "task"'),
        (config(TWO, index=True), 'must hold "task"'),
        (config(TWO, "chief"), 'must hold "task"'),
        ({"TF_CONFIG": json.dumps({"cluster": TWO})}, 'must hold "task"'),
        (config(TWO, role=["worker"]), 'must hold "task"'),
    ],
)
def test_what_is_wrong_is_said(environment, message):
    with pytest.raises(ValueError, match=message) as error:
        read_cluster(environment)
    assert "Received: TF_CONFIG=" in str(error.value)
