"""What a layer with a TensorFlow fast path asks about the place where it will run."""

import functools
from typing import Any


def has_accelerator() -> bool:
    """Whether there is a TPU, or a GPU without a `tf.device` around that asks for the CPU."""
    import tensorflow as tf

    if tf.config.list_logical_devices("TPU"):
        return True
    return bool(tf.config.list_logical_devices("GPU")) and "CPU" not in _place()


def _place() -> str:
    """The device that `tf.device` names, inside a traced function or around it; else empty."""
    import tensorflow as tf

    # an operation of a graph has the place that is asked for, and none where none is
    asked = "" if tf.executing_eagerly() else tf.constant(0).device
    try:
        # TensorFlow has no public way to ask what is around the function
        from tensorflow.python.eager.context import context
    except ImportError:
        return asked
    return asked or context().device_name or ""


def is_traced_for_xla() -> bool:
    """Whether the code runs inside a function that XLA compiles (`jit_compile=True`)."""
    try:
        # TensorFlow has no public way to ask
        from tensorflow.python.framework.ops import get_default_graph
        from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext
    except ImportError:
        return False
    return bool(GraphOrParentsInXlaContext(get_default_graph()))


def xla_barrier(tensors: list[Any]) -> list[Any]:
    """The same tensors, as a fence: XLA merges nothing behind it with what lies before it.

    Args:
        tensors: In a function that XLA compiles.
    """
    try:
        # XLA itself is told so; TensorFlow has no public name for it
        from tensorflow.compiler.tf2xla.ops.gen_xla_ops import xla_optimization_barrier
    except ImportError:
        return tensors
    return xla_optimization_barrier(tensors)


@functools.cache
def onednn_trains_groups(dtype: str) -> bool:
    """Whether oneDNN, which has the gradients of a grouped convolution on CPU, takes `dtype`.

    Args:
        dtype: Name of a data type.
    """
    import tensorflow as tf

    try:
        # asked first only because a gradient that fails leaves a warning in the log
        from tensorflow.python.util._pywrap_util_port import IsMklEnabled
    except ImportError:
        return False
    if not IsMklEnabled() or dtype not in ("float32", "bfloat16"):
        return False
    try:
        with tf.init_scope(), tf.device("CPU:0"):
            tf.raw_ops.Conv2DBackpropInput(
                input_sizes=[1, 1, 1, 4],
                filter=tf.ones((1, 1, 2, 4), dtype),
                out_backprop=tf.ones((1, 1, 1, 4), dtype),
                strides=[1, 1, 1, 1],
                padding="VALID",
            )
    except tf.errors.OpError:
        return False
    return True
