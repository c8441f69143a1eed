"""What the benchmarks share: interleaved runs, the machine's own speed, and tables.

A shared machine is faster in one minute than in the next. So the candidates take turns in every
round, each round also measures a matrix multiplication, and what counts is the ratio of medians.
"""

import argparse
import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

GEMM_SIZE = 2048


def seconds(call: Callable[[], object], at_least: float = 0.0) -> float:
    """Seconds that `call` takes, the mean of as many calls as fill `at_least` seconds."""
    calls, start = 0, time.perf_counter()
    while True:
        call()
        calls += 1
        elapsed = time.perf_counter() - start
        if elapsed >= at_least:
            return elapsed / calls


def interleave(candidates: Mapping[str, Callable[[], Any]], runs: int) -> dict[str, list[Any]]:
    """Runs the candidates in turn, `runs` rounds, after one round that does not count.

    Args:
        candidates: Name -> function that does the work once and returns what it measured.
        runs: Number of rounds.

    Returns:
        Name -> measurements, one a round.
    """
    results: dict[str, list[Any]] = {name: [] for name in candidates}
    for measure in candidates.values():
        measure()
    for _ in range(runs):
        for name, measure in candidates.items():
            gc.collect()
            results[name].append(measure())
    return results


def gemm_rate() -> float:
    """GFLOP/s of a float32 matrix multiplication in TensorFlow, half a second of it."""
    import tensorflow as tf

    a = tf.ones((GEMM_SIZE, GEMM_SIZE))
    return 2e-9 * GEMM_SIZE**3 / seconds(lambda: tf.linalg.matmul(a, a).numpy(), at_least=0.5)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """`median (least - most)` of the values."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f} - {high:.{digits}f})"


def flags_of_steps(doc: str, models: Iterable[str]) -> argparse.Namespace:
    """Reads the command line of a benchmark that takes steps of several networks in turn."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=list(models), default=list(models))
    parser.add_argument("--steps", type=int, default=30, help="steps in a round")
    parser.add_argument("--runs", type=int, default=7, help="interleaved rounds")
    return parser.parse_args()


def add_torch_python(parser: argparse.ArgumentParser) -> None:
    """Adds the flag that names another Python, in which torch is."""
    parser.add_argument(
        "--torch_python",
        default=os.environ.get("KCC_TORCH_PYTHON"),
        help="a Python with torch and torchvision, by default $KCC_TORCH_PYTHON",
    )


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a Markdown table."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(row) + " |", flush=True)


def print_machine() -> None:
    """Prints date, processor, versions, and whether TensorFlow uses oneDNN."""
    import keras
    import tensorflow as tf

    from keras_classic_cnns.layers import _tensorflow

    onednn = "on" if _tensorflow.onednn_trains_groups("float32") else "off"
    print(
        f"{time.strftime('%Y-%m-%d')}, {_processor()}, {len(os.sched_getaffinity(0))} cores, "
        f"Python {platform.python_version()}, TensorFlow {tf.__version__} with oneDNN {onednn}, "
        f"Keras {keras.__version__}; medians, in brackets the least and the most\n"
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or platform.machine()
