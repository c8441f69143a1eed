"""The repair that `fit` of Keras 3 needs for several workers (keras#20585).

Keras 3.15.1 on TensorFlow breaks in two places as soon as `MultiWorkerMirroredStrategy` spans more
than one process:

1. `TensorFlowTrainer._maybe_symbolic_build` gives a whole batch, a tuple, to `strategy.reduce`,
   which takes single values: "Attempt to convert a value (PerReplica...". It wants nothing but the
   shapes, which the dataset knows without being read.
2. `reduce_per_replica` averages the metrics of a step, which are scalars, along axis 0: "Invalid
   reduction dimension 0 for input with 0 dimensions". Over the replicas, along no axis, is meant.

Both are replaced, for strategies over several processes only; everything else goes on to Keras's
own code. Each place is tried first with a stand-in of a strategy that is as strict as TensorFlow's,
and is left alone where Keras treats it rightly: a Keras that is mended is not touched.
"""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

_log = logging.getLogger(__name__)


def repair_multi_worker_fit() -> tuple[str, ...]:
    """Lets `fit`, `evaluate` and `predict` of Keras run over several workers.

    `strategy("multi_worker")` calls it. To call it again does nothing.

    Returns:
        The names of Keras's functions that were replaced; empty where none needs it, because Keras
        is mended or this was done before.
    """
    try:
        from keras.src.backend.tensorflow import trainer
    except ImportError:
        _log.warning("Keras %s is built in another way: fit stays as it is", keras.__version__)
        return ()
    places = (
        (trainer, "reduce_per_replica", _averages_wrongly, _averaging),
        (trainer.TensorFlowTrainer, "_maybe_symbolic_build", _builds_wrongly, _building),
    )
    repaired = []
    for owner, name, is_broken, repaired_version in places:
        original = getattr(owner, name, None)
        if original is None or original.__module__ == __name__:  # the second is our own
            continue
        if _holds(is_broken, original, name):
            setattr(owner, name, repaired_version(original))
            repaired.append(name)
    if repaired:
        _log.info("Keras %s: %s repaired (keras#20585)", keras.__version__, " and ".join(repaired))
    return tuple(repaired)


def _averaging(original: Callable) -> Callable:
    def reduce_per_replica(values: Any, strategy: Any, reduction: str) -> Any:
        if reduction not in ("auto", "mean") or not _spans_workers(strategy):
            return original(values, strategy, reduction)
        return keras.tree.map_structure(lambda v: strategy.reduce("MEAN", v, axis=None), values)

    return reduce_per_replica


def _building(original: Callable) -> Callable:
    def _maybe_symbolic_build(self: Any, iterator: Any = None, data_batch: Any = None) -> None:
        if iterator is not None and _spans_workers(self.distribute_strategy):
            # not a batch: a pipeline with a cache is not to be left after its first one
            specs = iterator.data_adapter.get_tf_dataset().element_spec
            iterator, data_batch = None, keras.tree.map_structure(_of_one_replica, specs)
        original(self, iterator=iterator, data_batch=data_batch)

    return _maybe_symbolic_build


def _of_one_replica(spec: Any) -> Any:
    """The spec of one share, where the user has distributed the dataset already."""
    return getattr(spec, "_value_specs", (spec,))[0]


def _spans_workers(strategy: Any) -> bool:
    is_multi_worker = isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
    # `worker_devices` are those of this process
    return is_multi_worker and (
        strategy.num_replicas_in_sync > len(strategy.extended.worker_devices)
    )


class _Refused(Exception):
    """The stand-in was given what TensorFlow refuses."""


class _Strict(tf.distribute.MultiWorkerMirroredStrategy):
    """A stand-in of a strategy over two workers with a replica each; it needs no second process."""

    class _Extended:
        worker_devices = ("CPU:0",)

        def _in_multi_worker_mode(self) -> bool:
            return True

    extended = _Extended()
    num_replicas_in_sync = 2

    def __init__(self):
        pass  # TensorFlow's would look for the other worker

    def scope(self) -> contextlib.AbstractContextManager:
        return contextlib.nullcontext()

    def experimental_local_results(self, value: Any) -> tuple:
        return getattr(value, "values", (value,))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
        if isinstance(value, tuple | list | dict) or (axis is not None and not value.shape.rank):
            raise _Refused
        return self.experimental_local_results(value)[0]


class _Shares(tf.distribute.DistributedValues):
    """What a strategy hands out: a value for each replica of this process."""

    def __init__(self, values: tuple):
        self.values = values


class _Model:
    """As much of a model as `_maybe_symbolic_build` looks at."""

    distribute_strategy = _distribute_strategy = _Strict()

    def _symbolic_build(self, **_: Any) -> None:
        pass


def _averages_wrongly(function: Callable) -> None:
    function({"loss": tf.constant(1.0)}, _Strict(), "auto")


def _builds_wrongly(function: Callable) -> None:
    share = _Shares((tf.ones((2, 1)),))
    function(_Model(), iterator=[(0, 0, iter([(share, share)]))])


def _holds(is_broken: Callable, function: Callable, name: str) -> bool:
    """Whether trying the function ends in what TensorFlow refuses."""
    try:
        with tf.Graph().as_default():  # starts no device
            is_broken(function)
    except _Refused:
        return True
    except Exception as error:
        _log.warning(
            "Keras %s: %s could not be tried (%r) and stays as it is; over several workers `fit` "
            "may fail",
            keras.__version__,
            name,
            error,
        )
    return False
