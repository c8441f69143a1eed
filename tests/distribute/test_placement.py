"""A strategy is chosen by what the machine has, and says why; what it has not is an error."""

import json
import types

import keras
import pytest
import tensorflow as tf
from harness import run_python

from keras_classic_cnns.core.errors import DistributionError, LostWorkerError
from keras_classic_cnns.distribute import placement, strategy


@pytest.fixture
def machine(monkeypatch):
    """A function that makes TensorFlow see devices that are not there."""

    def see(**counts):
        def listed(kind):
            return [types.SimpleNamespace(name=f"{kind}:{i}") for i in range(counts.get(kind, 0))]

        monkeypatch.setattr(tf.config, "list_physical_devices", listed)

    return see


def cluster(count):
    workers = [f"127.0.0.1:{1 + i}" for i in range(count)]
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": 0}})


@pytest.mark.parametrize(
    ("devices", "workers", "kind", "why"),
    [
        ({}, 0, "cpu", "sees no GPU and no TPU, and TF_CONFIG names no other process"),
        ({}, 1, "cpu", "sees no GPU and no TPU"),
        ({"GPU": 1}, 0, "gpu", "sees one GPU"),
        ({"GPU": 4}, 0, "mirrored", "sees 4 GPUs"),
        ({"GPU": 4, "TPU": 8}, 0, "tpu", "sees a TPU"),
        ({"GPU": 4, "TPU": 8}, 2, "multi_worker", "TF_CONFIG names 2 processes"),
    ],
)
def test_auto_takes_the_most_there_is(machine, monkeypatch, devices, workers, kind, why):
    machine(**devices)
    if workers:
        monkeypatch.setenv("TF_CONFIG", cluster(workers))
    assert placement._best()[0] == kind
    assert why in placement._best()[1]


def test_a_laptop_keeps_the_default_strategy_and_the_log_says_why(caplog):
    with caplog.at_level("INFO", placement.__name__):
        chosen = strategy()
    assert chosen.strategy is tf.distribute.get_strategy()
    assert chosen.is_chief
    text = (
        "<Placement cpu: 1 replica on CPU:0, because TensorFlow sees no GPU and no TPU, and "
        "TF_CONFIG names no other process>"
    )
    assert repr(chosen) == text
    assert text in caplog.text


def test_the_cpu_of_a_machine_with_gpus_takes_a_strategy(machine):
    machine(GPU=1)
    assert isinstance(strategy("cpu").strategy, tf.distribute.OneDeviceStrategy)


def test_one_of_several_gpus_says_that_others_idle(machine):
    machine(GPU=3)
    chosen = strategy("gpu")
    assert chosen.devices == ("GPU:0",)
    assert "the other 2 stay idle" in repr(chosen)


def test_mirrored_takes_the_logical_cpus_where_no_gpu_is():
    chosen = strategy("mirrored")
    assert repr(chosen) == (
        "<Placement mirrored: 2 replicas on CPU:0, CPU:1, because it was asked for>"
    )
    with chosen.scope():
        assert tf.distribute.get_strategy() is chosen.strategy


def test_mirrored_takes_the_devices_it_is_given():
    assert strategy("mirrored", devices=["CPU:1", "CPU:0"]).devices == ("CPU:1", "CPU:0")


def test_gpus_add_up_in_another_way_inside_of_a_loop(machine, monkeypatch):
    monkeypatch.setattr(placement, "_logical", lambda kind: (f"{kind}:0", f"{kind}:1"))
    given = []

    def mirrored(devices, cross_device_ops):
        given.append((devices, type(cross_device_ops)))
        return tf.distribute.get_strategy()

    monkeypatch.setattr(tf.distribute, "MirroredStrategy", mirrored)
    machine(GPU=2)
    for steps in (1, 10):
        strategy("mirrored", steps_per_execution=steps)
    machine(GPU=1)  # in two parts
    strategy("mirrored", steps_per_execution=10)
    strategy("mirrored", devices=["CPU:0", "CPU:1"], steps_per_execution=10)
    gpus = ["GPU:0", "GPU:1"]
    assert given == [
        (gpus, type(None)),
        (gpus, tf.distribute.NcclAllReduce),
        (gpus, tf.distribute.ReductionToOneDevice),
        (["CPU:0", "CPU:1"], tf.distribute.ReductionToOneDevice),
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"kind": "horovod"}, ValueError, "`kind` must be one of 'auto', 'cpu'"),
        ({"kind": "parameter_server"}, ValueError, "cannot train with parameter servers"),
        ({"kind": "cpu", "devices": ["CPU:0"]}, ValueError, "goes with kind='mirrored' only"),
        ({"kind": "mirrored", "devices": []}, ValueError, "must be a list of names"),
        ({"kind": "mirrored", "devices": "CPU:0"}, ValueError, "must be a list of names"),
        ({"kind": "mirrored", "devices": ["GPU:7"]}, ValueError, "different ones of CPU:0, CPU:1"),
        ({"kind": "mirrored", "devices": ["CPU:0"] * 2}, ValueError, "different ones of CPU:0"),
        ({"kind": "mirrored", "devices": ["CPU:0"]}, DistributionError, "nothing to mirror"),
        ({"kind": "gpu"}, DistributionError, "sees no GPU"),
        ({"kind": "multi_worker"}, DistributionError, "by the variable TF_CONFIG"),
        ({"kind": "tpu"}, DistributionError, "`tensorflow-tpu`, whose newest release is 2.20"),
        ({"kind": "tpu", "tpu": ""}, ValueError, "`tpu` must not be empty"),
        ({"kind": "auto", "tpu": "pod"}, ValueError, "goes with kind='tpu' only.*tpu='pod'"),
        ({"steps_per_execution": 0}, ValueError, "Received: steps_per_execution=0"),
    ],
)
def test_what_cannot_be_had_is_an_error(monkeypatch, arguments, error, message):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(error, match=message) as raised:
        strategy(**arguments)
    assert "Received: " in str(raised.value)


def test_parameter_servers_in_the_variable_are_refused(monkeypatch):
    servers = {"worker": ["a:1"], "ps": ["p:1"]}
    config = {"cluster": servers, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    with pytest.raises(ValueError, match="names parameter servers"):
        strategy("auto")


def test_several_workers_must_be_asked_for_first(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", cluster(2))
    tf.constant(1)
    with pytest.raises(DistributionError, match="Ask for 'multi_worker' first of all"):
        strategy("multi_worker")


@pytest.mark.parametrize("error", placement._ALONE)
def test_workers_that_do_not_find_each_other_say_so(error, monkeypatch):
    def wait():
        raise error(None, None, "Barrier timed out")

    monkeypatch.setenv("TF_CONFIG", cluster(2))
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", wait)
    with pytest.raises(LostWorkerError, match="not found each other.*Received: worker=0"):
        strategy("multi_worker")


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(DistributionError, match="KERAS_BACKEND=tensorflow"):
        strategy("cpu")


def test_a_strategy_is_chosen_outside_of_others():
    with strategy("mirrored").scope(), pytest.raises(DistributionError, match="outside of"):
        strategy("cpu")


ONE_WORKER = """
import keras_classic_cnns as kcc
print(kcc.distribute.strategy("multi_worker"))
"""


def test_a_cluster_of_one_needs_no_repair(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", cluster(1).replace("127.0.0.1:1", "127.0.0.1:0"))
    assert "<Placement multi_worker: 1 replica on CPU:0, because" in run_python(ONE_WORKER)
