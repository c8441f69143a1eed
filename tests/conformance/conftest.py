"""Float32 is whole, and large models leave the memory as soon as their test is over."""

import gc
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import keras
import pytest
import tensorflow as tf
from harness import call_afresh


@pytest.fixture(scope="module")
def elsewhere():
    """`elsewhere(check, case)` calls a function of a test file in a process that ends soon.

    XLA keeps what it has compiled until its process ends, and Keras the graphs of training steps
    with their weights: some hundred megabytes a net.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=4) as pool:
        yield lambda check, case: pool.submit(call_afresh, check, case).result()


@pytest.fixture(autouse=True)
def _full_precision():
    """Float32 is float32: by itself a GPU multiplies with ten bits after the point."""
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    yield
    tf.config.experimental.enable_tensor_float_32_execution(before)


@pytest.fixture(autouse=True)
def _free_memory(request):
    """Graphs and functions refer to each other in circles, which Python frees when it likes."""
    yield
    if request.node.get_closest_marker("parametrize") and "refuses" not in request.node.name:
        keras.backend.clear_session()
        gc.collect()
        gc.freeze()  # what is left stays, and need not be looked through after each test
