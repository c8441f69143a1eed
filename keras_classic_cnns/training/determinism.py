"""The same bits in every run."""

import tensorflow as tf


def switch_on() -> None:
    """Makes TensorFlow's operations deterministic, in this process from now on.

    Operations of which there is no deterministic form raise an error when they run.
    """
    tf.config.experimental.enable_op_determinism()
