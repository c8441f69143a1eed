"""How much memory a training step takes, read off its graph."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

# Operations whose output is their input under another name or shape.
_ALIASES = {"Identity", "IdentityN", "Reshape", "Squeeze", "ExpandDims", "StopGradient"}
# What these return lies in the model already, or is too small to count.
_FREE = {"Const", "ReadVariableOp", "VarHandleOp", "Shape", "NoOp"}


@dataclass(frozen=True)
class TrainingMemory:
    """The memory of a training step, in bytes.

    Args:
        weights: Of the model, moving averages included.
        optimizer: Of the optimizer's variables.
        step: The most that images, activations and gradients take at one time.
    """

    weights: int
    optimizer: int
    step: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.optimizer + self.step


def training_memory(model: keras.Model, batches: tf.data.Dataset) -> TrainingMemory:
    """Estimates what a step of `fit` needs, without running one.

    The step's graph is traced; a tensor takes room from the operation that makes it to the last one
    that reads it, which also shows what recomputing saves. TensorFlow may need less, since it
    computes some operations in place, or more, for the scratch space of convolutions; XLA fuses
    operations and needs less. `benchmarks/README.md` has measured steps beside it.

    Args:
        model: A compiled model.
        batches: What it is fitted to: batches of `(images, labels)` of one size.

    Returns:
        The estimate.

    Raises:
        ValueError: The batches have no fixed size, or the model is not compiled.

    Example:
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> model.compile("sgd", "mse")
        >>> batches = tf.data.Dataset.from_tensors((tf.zeros((8, 4)), tf.zeros((8, 2))))
        >>> training_memory(model, batches).weights
        40
    """
    images, labels = batches.element_spec
    if images.shape[0] is None:
        raise ValueError(
            "`batches` must be of one size, as of `.batch(size, drop_remainder=True)`. "
            f"Received: batches.element_spec={batches.element_spec}"
        )
    if getattr(model, "optimizer", None) is None:
        raise ValueError(f"`model` must be compiled. Received: model={model!r}")
    model.optimizer.build(model.trainable_variables)

    @tf.function
    def gradients(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            outputs = model(images, training=True)
            loss = model.compute_loss(images, labels, outputs)
        return tape.gradient(loss, [variable.value for variable in model.trainable_variables])

    graph = gradients.get_concrete_function(images, labels).graph
    return TrainingMemory(
        weights=_bytes_of(model.variables),
        optimizer=_bytes_of(model.optimizer.variables),
        step=_peak(graph.get_operations(), graph.outputs),
    )


def _bytes_of(variables: Iterable[Any]) -> int:
    return sum(_bytes(variable.shape, variable.dtype) for variable in variables)


def _bytes(shape: Any, dtype: Any) -> int:
    elements = tf.TensorShape(shape).num_elements()
    return (elements or 0) * tf.as_dtype(dtype).size


def _peak(operations: list, outputs: list) -> int:
    """The most that is alive at one time, if operations run in the order they were traced in."""
    root = {}  # tensor: the one whose memory it is
    last = {}  # tensor: the last operation that reads it
    for index, operation in enumerate(operations):
        for tensor in operation.inputs:
            last[root.get(tensor.ref(), tensor.ref())] = index
        if operation.type in _ALIASES:
            for source, tensor in zip(operation.inputs, operation.outputs, strict=False):
                root[tensor.ref()] = root.get(source.ref(), source.ref())
    for tensor in outputs:
        last[root.get(tensor.ref(), tensor.ref())] = len(operations)
    ends: dict[int, int] = {}  # operation: the bytes that are free behind it
    alive = peak = 0
    for index, operation in enumerate(operations):
        if operation.type not in _FREE | _ALIASES:
            for tensor in operation.outputs:
                size = _bytes(tensor.shape, tensor.dtype) if tensor.shape.rank is not None else 0
                end = last.get(tensor.ref(), index)
                ends[end] = ends.get(end, 0) + size
                alive += size
        peak = max(peak, alive)
        alive -= ends.get(index, 0)
    return peak
