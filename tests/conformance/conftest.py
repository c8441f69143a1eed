"""Large models leave the memory as soon as their test is over."""

import gc

import keras
import pytest


@pytest.fixture(autouse=True)
def _free_memory(request):
    """Graphs and functions refer to each other in circles, which Python frees when it likes."""
    yield
    if request.node.get_closest_marker("parametrize") and "refuses" not in request.node.name:
        keras.backend.clear_session()
        gc.collect()
        gc.freeze()  # what is left stays, and need not be looked through after each test
