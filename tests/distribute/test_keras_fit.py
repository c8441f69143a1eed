"""Several workers, several replicas and one device come to the same, through plain `fit`."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from distribute.cluster_of_processes import run_workers
from distribute.worker import train

from keras_classic_cnns.distribute import strategy

WORKER = Path(__file__).with_name("worker.py")
PLANS = {
    "lenet5": {"network": "lenet5"},
    "resnet20": {"network": "resnet20", "synchronized": True},
}
# The largest difference of a loss, a probability or a weight. Sums over replicas are taken in
# another order, and batch norm computes its synchronized variance as E[x^2] - E[x]^2.
TOLERANCE = {"lenet5": 2e-6, "resnet20": 1e-3}


@pytest.fixture(scope="module")
def alone():
    """What one process comes to, by plan."""
    return {name: train(placement=strategy("cpu"), **plan) for name, plan in PLANS.items()}


def differences(found, expected):
    """The largest difference of every array."""
    names = set(expected) - {"model"}
    assert names == set(found) - {"model"}
    return {name: float(np.max(np.abs(found[name] - expected[name]))) for name in names}


def assert_same(name, found, expected):
    wrong = {k: v for k, v in differences(found, expected).items() if not v <= TOLERANCE[name]}
    assert wrong == {}


def check_workers(count, plans, alone, folder):
    run_workers(count, WORKER, folder, json.dumps(plans), folder=folder, timeout_s=80)
    for name in plans:
        for worker in range(count):
            assert_same(name, np.load(folder / f"{name}-{worker}.npz"), alone[name])
        saved = keras.models.load_model(folder / f"{name}.keras")
        for mine, theirs in zip(saved.weights, alone[name]["model"].weights, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=TOLERANCE[name])
        assert int(saved.optimizer.iterations) == 8
        assert (folder / f"{name}.preprocessing.json").exists()


def test_two_workers_come_to_the_same_as_one_process(alone, tmp_path):
    check_workers(2, PLANS, alone, tmp_path)


@pytest.mark.exhaustive
def test_three_workers_come_to_the_same_as_one_process(alone, tmp_path):
    check_workers(3, PLANS, alone, tmp_path)
