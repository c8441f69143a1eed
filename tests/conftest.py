"""Two logical CPUs for the replica tests, no network; no test keeps global settings or garbage."""

import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KCC_OFFLINE"] = "1"  # a test that forgets `weights=None` fails instead of downloading

import keras
import pytest
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


@pytest.fixture(autouse=True)
def _global_state():
    """Every test starts from the same seed and leaves Keras's global settings as they were."""
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")
    keras.config.set_image_data_format("channels_last")
    if gc.get_count()[2]:  # many objects are new: Python looks through them now, and never again
        gc.collect()
        gc.freeze()
