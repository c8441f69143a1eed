"""Which of TensorFlow's strategies a run takes, and why."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.distribute.checks import refuse_data_parallel
from keras_classic_cnns.distribute.cluster import VARIABLE, read_cluster
from keras_classic_cnns.distribute.keras_fit import repair_multi_worker_fit

_log = logging.getLogger(__name__)
# What TensorFlow raises in a worker that waits for the others in vain.
_ALONE = (tf.errors.UnavailableError, tf.errors.DeadlineExceededError, tf.errors.AbortedError)


@dataclass(frozen=True, repr=False)
class Placement:
    """A strategy of TensorFlow, with the reason why it was chosen.

    Build and compile the model inside of `scope()`.

    Args:
        kind: What it is: a name of `KINDS` other than `"auto"`.
        strategy: The `tf.distribute.Strategy`; TensorFlow's default one where there is one replica
            and no need of another.
        devices: The devices of this process that hold a copy of the model, such as `"GPU:0"`.
        why: The reason, as a part of a sentence.
        workers: The number of processes that train together.
        worker: Which of them this one is, from 0; 0 is the chief.
    """

    kind: str
    strategy: tf.distribute.Strategy
    devices: tuple[str, ...]
    why: str
    workers: int = 1
    worker: int = 0

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of copies of the model that share every global batch, over all workers."""
        return self.strategy.num_replicas_in_sync

    @property
    def is_chief(self) -> bool:
        """Whether this process writes what is to be written once."""
        return self.worker == 0

    def scope(self) -> contextlib.AbstractContextManager:
        """The context in which the model is to be built and compiled."""
        return self.strategy.scope()

    @property
    def description(self) -> str:
        """The replicas, where they are, and why, as a part of a sentence."""
        count = self.num_replicas_in_sync
        place = f"{count} replica{'' if count == 1 else 's'} on {', '.join(self.devices)}"
        if self.workers > 1:
            place += f" of each of {self.workers} workers, this being worker {self.worker}"
        return f"{place}, because {self.why}"

    def __repr__(self) -> str:
        return f"<Placement {self.kind}: {self.description}>"


def strategy(
    kind: str = "auto",
    *,
    devices: Sequence[str] | None = None,
    tpu: str = "local",
    steps_per_execution: int = 1,
) -> Placement:
    """Chooses how training is spread over devices and machines, and says why in the log.

    `"auto"` takes the first that applies: `"multi_worker"` where `TF_CONFIG` names several
    processes, `"tpu"` where TensorFlow sees one, `"mirrored"` where it sees several GPUs, then
    `"gpu"`, then `"cpu"`. One replica takes TensorFlow's default strategy, which costs nothing.

    `"multi_worker"` must be asked for before TensorFlow has run anything in this process; it waits
    for the other workers, and mends Keras's `fit` for them (`repair_multi_worker_fit`).

    Args:
        kind: One of `KINDS`.
        devices: With `"mirrored"` only: which devices, as `"GPU:1"`; by default all GPUs, or all
            logical CPUs where there is no GPU.
        tpu: With `"tpu"` only: the name of the TPU, or `"local"` for that of this machine.
        steps_per_execution: What `compile` will be told: where it is above 1 several GPUs add up
            without TensorFlow's collectives, which fail inside of Keras's loop on CPUs. Not tried
            on several GPUs.

    Returns:
        The placement; `placement.strategy` is TensorFlow's object.

    Raises:
        ValueError: An argument is not allowed, `TF_CONFIG` is wrong, or
            `keras.distribution.DataParallel` is set, which does nothing here.
        DistributionError: The machine has not what was asked for, or TensorFlow had run something
            before `"multi_worker"` was asked for.
        LostWorkerError: Another worker has ended, or does not come.

    Example:
        >>> placement = strategy("cpu")
        >>> placement.num_replicas_in_sync, placement.devices
        (1, ('CPU:0',))
    """
    _check_arguments(kind, devices, tpu)
    validate.positive_int("steps_per_execution", steps_per_execution)
    refuse_data_parallel()
    if kind == "auto":
        kind, why = _best()
    else:
        why = "it was asked for"
    is_looped = steps_per_execution > 1
    placement = _MAKERS[kind](why, devices=devices, tpu=tpu, is_looped=is_looped)
    _log.info("Training is placed: %r", placement)
    return placement


def _check_arguments(kind: Any, devices: Any, tpu: Any) -> None:
    if kind == "parameter_server":
        raise ValueError(
            "Keras 3 cannot train with parameter servers: `fit` fails, and a loop of one's own "
            f"loses updates. Take 'multi_worker'. {validate.received('kind', kind)}"
        )
    validate.one_of("kind", kind, KINDS)
    validate.string("tpu", tpu)
    if devices is not None and kind != "mirrored":
        raise ValueError(
            f"`devices` goes with kind='mirrored' only. {validate.received('devices', devices)}"
        )
    if tpu != "local" and kind != "tpu":
        raise ValueError(f"`tpu` goes with kind='tpu' only. {validate.received('tpu', tpu)}")
    if isinstance(devices, str) or (devices is not None and not devices):
        raise ValueError(
            "`devices` must be a list of names such as ['GPU:0', 'GPU:1']. "
            f"{validate.received('devices', devices)}"
        )
    if keras.backend.backend() != "tensorflow":
        raise errors.DistributionError(
            "Strategies are TensorFlow's: set KERAS_BACKEND=tensorflow. "
            f"{validate.received('backend', keras.backend.backend())}"
        )


def _best() -> tuple[str, str]:
    """The kind that uses most of what there is, and why. Starts no device."""
    cluster = read_cluster()
    gpus = len(tf.config.list_physical_devices("GPU"))
    if cluster and len(cluster.addresses) > 1:
        return "multi_worker", f"{VARIABLE} names {len(cluster.addresses)} processes"
    if tf.config.list_physical_devices("TPU"):
        return "tpu", "TensorFlow sees a TPU"
    if gpus > 1:
        return "mirrored", f"TensorFlow sees {gpus} GPUs"
    if gpus:
        return "gpu", "TensorFlow sees one GPU"
    return "cpu", f"TensorFlow sees no GPU and no TPU, and {VARIABLE} names no other process"


def _cpu(why: str, **_: Any) -> Placement:
    if tf.config.list_physical_devices("GPU"):  # the default strategy would take it
        return Placement("cpu", tf.distribute.OneDeviceStrategy("CPU:0"), ("CPU:0",), why)
    return Placement("cpu", _default_strategy(), ("CPU:0",), why)


def _gpu(why: str, **_: Any) -> Placement:
    gpus = len(tf.config.list_physical_devices("GPU"))
    if not gpus:
        raise errors.DistributionError(
            "TensorFlow sees no GPU: check the driver, and that TensorFlow was installed as "
            f"`tensorflow[and-cuda]`. {validate.received('kind', 'gpu')}"
        )
    if gpus > 1:
        why += f"; the other {gpus - 1} stay idle, kind='mirrored' uses them"
    return Placement("gpu", _default_strategy(), ("GPU:0",), why)


def _mirrored(why: str, *, devices: Sequence[str] | None, is_looped: bool, **_: Any) -> Placement:
    known = {kind: _logical(kind) for kind in ("GPU", "CPU")}
    chosen = tuple(devices or known["GPU"] or known["CPU"])
    unknown = sorted(set(chosen) - {*known["GPU"], *known["CPU"]})
    if unknown or len(set(chosen)) < len(chosen):
        raise ValueError(
            f"`devices` must be different ones of {', '.join([*known['GPU'], *known['CPU']])}. "
            f"{validate.received('devices', devices)}"
        )
    if len(chosen) < 2:
        raise errors.DistributionError(
            f"There is one device only ({chosen[0]}), so there is nothing to mirror. Take 'auto', "
            "or split the CPU before anything runs: tf.config.set_logical_device_configuration. "
            f"{validate.received('kind', 'mirrored')}"
        )
    on_cpu = any(name in known["CPU"] for name in chosen)
    is_virtual = len(known["GPU"]) > len(tf.config.list_physical_devices("GPU"))
    reduction = None
    # On CPUs TensorFlow's default allows one strategy a process and no `steps_per_execution`, and
    # NCCL does not know the parts of one GPU.
    if on_cpu or (is_looped and is_virtual):
        reduction = tf.distribute.ReductionToOneDevice()
    elif is_looped:
        reduction = tf.distribute.NcclAllReduce()
    made = tf.distribute.MirroredStrategy(list(chosen), cross_device_ops=reduction)
    return Placement("mirrored", made, chosen, why)


def _multi_worker(why: str, **_: Any) -> Placement:
    cluster = read_cluster()
    if cluster is None:
        raise errors.DistributionError(
            f"Several workers find each other by the variable {VARIABLE}, which must name "
            "them all and be set before this process starts. "
            f"{validate.received('kind', 'multi_worker')}"
        )
    count = len(cluster.addresses)
    _log.info("Worker %d waits for all of: %s", cluster.index, ", ".join(cluster.addresses))
    try:
        made = tf.distribute.MultiWorkerMirroredStrategy()
    except _ALONE as error:
        raise errors.LostWorkerError(
            "The workers have not found each other: one has ended or cannot be reached. Start all "
            f"again with the same command. {validate.received('worker', cluster.index)}"
        ) from error
    except RuntimeError as error:
        if "program startup" not in str(error):
            raise
        raise errors.DistributionError(
            "Ask for 'multi_worker' first of all: TensorFlow has made tensors, variables or a "
            f"model in this process already. {validate.received('kind', 'multi_worker')}"
        ) from error
    if count > 1:
        repair_multi_worker_fit()
    names = tuple(_short(name) for name in made.extended.worker_devices)
    return Placement("multi_worker", made, names, why, workers=count, worker=cluster.index)


def _tpu(why: str, *, tpu: str, **_: Any) -> Placement:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=tpu)
        if tpu != "local":
            tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
    except (ValueError, OSError, tf.errors.NotFoundError) as error:
        raise errors.DistributionError(
            "TensorFlow finds no such TPU. On a TPU machine it comes with the package "
            "`tensorflow-tpu`, whose newest release is 2.20, older than the TensorFlow of this "
            f"package. TensorFlow says: {error}. {validate.received('tpu', tpu)}"
        ) from error
    made = tf.distribute.TPUStrategy(resolver)
    names = tuple(_short(name) for name in made.extended.worker_devices)
    return Placement("tpu", made, names, why)


_MAKERS = {
    "cpu": _cpu,
    "gpu": _gpu,
    "mirrored": _mirrored,
    "multi_worker": _multi_worker,
    "tpu": _tpu,
}
KINDS = ("auto", *_MAKERS)


def run_in_replicas(function: Callable[[], None], strategy: tf.distribute.Strategy) -> None:
    """Calls a function in every replica, as a graph: a TPU takes nothing else.

    Args:
        function: What is done; it may make variables.
        strategy: Whose replicas they are.
    """
    strategy.run(tf.function(function))


def _default_strategy() -> tf.distribute.Strategy:
    if tf.distribute.has_strategy():
        raise errors.DistributionError(
            "Choose a strategy outside of the scope of another one. "
            f"{validate.received('scope', tf.distribute.get_strategy())}"
        )
    return tf.distribute.get_strategy()


def _logical(kind: str) -> tuple[str, ...]:
    return tuple(_short(device.name) for device in tf.config.list_logical_devices(kind))


def _short(name: str) -> str:
    """`GPU:0` of `/job:worker/replica:0/task:0/device:GPU:0`."""
    return name.rpartition("device:")[2]
