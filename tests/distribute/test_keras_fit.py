"""Several workers, several replicas and one device come to the same, through plain `fit`."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from distribute.cluster_of_processes import run_workers
from distribute.worker import train
from harness import run_python, two_replicas
from keras.src.backend.tensorflow import trainer

from keras_classic_cnns.distribute import Placement, keras_fit, strategy

WORKER = Path(__file__).with_name("worker.py")
PLANS = {
    "lenet5": {"network": "lenet5"},
    "resnet20": {"network": "resnet20", "synchronized": True, "dtype": "float64"},
    "resnet20_own_statistics": {"network": "resnet20", "dtype": "float64"},
}
# The largest difference of a loss, a probability or a weight that another order of summation
# makes. In float32 a ResNet is no witness: to change one kernel by 1e-7 moves its weights by 0.1
# within 8 steps on one device.
TOLERANCE = {"lenet5": 2e-6, "resnet20": 1e-10, "resnet20_own_statistics": 1e-10}
# Keras scales losses by the number of replicas in float32, whatever they are: by 1/3 + 1e-8.
OF_THREE = {"lenet5": 2e-6, "resnet20": 1e-6}


@pytest.fixture(autouse=True)
def _floats():
    yield
    keras.config.set_floatx("float32")


@pytest.fixture(scope="module")
def alone():
    """What one replica comes to, by plan."""
    return {name: train(placement=strategy("cpu"), **plan) for name, plan in PLANS.items()}


@pytest.fixture(scope="module")
def mirrored():
    """What two replicas in one process come to, by plan."""
    placement = Placement("mirrored", two_replicas(), ("CPU:0", "CPU:1"), "a test asked for it")
    return {name: train(placement=placement, **plan) for name, plan in PLANS.items()}


def differences(found, expected):
    """The largest difference of every array."""
    names = set(expected) - {"model"}
    assert names == set(found) - {"model"}
    return {name: float(np.max(np.abs(found[name] - expected[name]))) for name in names}


def assert_same(found, expected, tolerance):
    wrong = {k: v for k, v in differences(found, expected).items() if not v <= tolerance}
    assert wrong == {}


def check_workers(count, expected, folder, tolerances=TOLERANCE):
    plans = json.dumps({name: PLANS[name] for name in expected})
    run_workers(count, WORKER, folder, plans, folder=folder, timeout_s=300)
    for name, arrays in expected.items():
        assert_same(np.load(folder / f"{name}-0.npz"), arrays, tolerances[name])
        saved = keras.models.load_model(folder / f"{name}.keras")
        for mine, theirs in zip(saved.weights, arrays["model"].weights, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=tolerances[name])
        assert int(saved.optimizer.iterations) == 8
        assert (folder / f"{name}.preprocessing.json").exists()


def check_agreement(count, name, folder):
    """All workers report the same and hold the same, moving averages of their own excepted."""
    first, *others = [np.load(folder / f"{name}-{worker}.npz") for worker in range(count)]
    for other in others:
        names = [n for n in first if name == "resnet20" or "moving" not in n]
        assert [n for n in names if np.any(first[n] != other[n])] == []


@pytest.mark.parametrize("name", ["lenet5", "resnet20"])
def test_two_replicas_come_to_the_same_as_one(alone, mirrored, name):
    assert_same(mirrored[name], alone[name], TOLERANCE[name])


def test_batch_norm_of_each_share_comes_to_something_else(alone, mirrored):
    name = "resnet20_own_statistics"
    assert differences(mirrored[name], alone[name])["loss"] > 1e-3


def test_two_workers_come_to_the_same_as_one_process(alone, mirrored, tmp_path):
    name = "resnet20_own_statistics"
    expected = {"lenet5": alone["lenet5"], "resnet20": alone["resnet20"], name: mirrored[name]}
    check_workers(2, expected, tmp_path)
    for plan in expected:
        check_agreement(2, plan, tmp_path)


@pytest.mark.exhaustive
def test_three_workers_come_to_the_same_as_one_process(alone, tmp_path):
    expected = {name: alone[name] for name in ("lenet5", "resnet20")}
    check_workers(3, expected, tmp_path, OF_THREE)
    for plan in expected:
        check_agreement(3, plan, tmp_path)


REPAIR_TWICE = """
import keras_classic_cnns as kcc
from keras.src.backend.tensorflow import trainer
print(kcc.distribute.repair_multi_worker_fit(), kcc.distribute.repair_multi_worker_fit())
import tensorflow as tf
tf.distribute.MultiWorkerMirroredStrategy()  # refuses to be made after TensorFlow has run anything
"""


def test_both_places_are_repaired_once_and_trying_them_starts_no_device():
    printed = run_python(REPAIR_TWICE)
    assert printed.strip() == "('reduce_per_replica', '_maybe_symbolic_build') ()"


@pytest.fixture
def mended(monkeypatch):
    """Keras as it may be one day: both places hand a strategy what it takes."""

    def reduce_per_replica(values, strategy, reduction):
        return keras.tree.map_structure(lambda v: strategy.reduce("MEAN", v, axis=None), values)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        for _, _, batches in iterator:
            local = self.distribute_strategy.experimental_local_results
            self._symbolic_build(data_batch=[local(value)[0] for value in next(batches)])

    monkeypatch.setattr(trainer, "reduce_per_replica", reduce_per_replica)
    build = "_maybe_symbolic_build"
    monkeypatch.setattr(trainer.TensorFlowTrainer, build, _maybe_symbolic_build)
    return reduce_per_replica, _maybe_symbolic_build


def test_a_mended_keras_is_left_alone(mended, caplog):
    assert keras_fit.repair_multi_worker_fit() == ()
    assert trainer.reduce_per_replica is mended[0]
    assert trainer.TensorFlowTrainer._maybe_symbolic_build is mended[1]
    assert caplog.text == ""


def test_a_keras_that_cannot_be_tried_is_left_alone_with_a_warning(mended, monkeypatch, caplog):
    def other(values):
        return values

    monkeypatch.setattr(trainer, "reduce_per_replica", other)
    assert keras_fit.repair_multi_worker_fit() == ()
    assert trainer.reduce_per_replica is other
    assert "reduce_per_replica could not be tried" in caplog.text


def test_other_strategies_go_on_to_keras(monkeypatch):
    asked = []

    def original(values, strategy, reduction):
        asked.append(reduction)
        return values

    repaired = keras_fit._averaging(original)
    assert repaired({"loss": 1.0}, tf.distribute.get_strategy(), "auto") == {"loss": 1.0}
    assert repaired({"loss": 1.0}, keras_fit._Strict(), "concat") == {"loss": 1.0}
    assert asked == ["auto", "concat"]
