"""Tells whether TensorFlow computes with oneDNN, the faster kernels for CPUs."""

import functools
import sys

VARIABLE = "TF_ENABLE_ONEDNN_OPTS"


def is_on() -> bool | None:
    """Whether TensorFlow, if it is imported, computes with oneDNN."""
    port = sys.modules.get("tensorflow.python.util._pywrap_util_port")
    return None if port is None else port.IsMklEnabled()


def report(wanted: bool | None) -> None:
    """Prints whether oneDNN is on.

    Args:
        wanted: What the user asked for, or `None`.

    Raises:
        ValueError: TensorFlow was imported with oneDNN in the other state, which is then final.
    """
    state = is_on()
    if state is None:
        return
    if wanted not in (None, state):
        raise ValueError(
            f"TensorFlow decides about oneDNN when it is imported. Set {VARIABLE}={int(wanted)} "
            "before Python starts, or use the command keras-classic-cnns, which does so for "
            f"--onednn and --noonednn. Received: onednn={wanted}"
        )
    _tell(state)


@functools.cache  # once for each answer, in a program that runs several commands
def _tell(state: bool) -> None:
    text = "on (--noonednn turns it off)" if state else "off (--onednn turns it on)"
    print(f"oneDNN: {text}", file=sys.stderr, flush=True)
