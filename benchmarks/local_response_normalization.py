"""Forward and backward of local response normalisation, against TensorFlow's own operation.

At the maps of AlexNet (behind conv1) and of GoogLeNet (both of its places). The layer calls
`tf.nn.local_response_normalization`, so that the ratio should be one.

    python benchmarks/local_response_normalization.py --batch=8 --runs=31
"""

import argparse
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import tensorflow as tf

from benchmarks import timing
from keras_classic_cnns.layers import LocalResponseNormalization

MAPS = ((55, 96), (56, 64), (56, 192))  # height and width, channels
RADIUS, BIAS, ALPHA, BETA = 2, 2.0, 1e-4, 0.75


def native(x: tf.Tensor) -> tf.Tensor:
    """What the layer is compared with."""
    return tf.nn.local_response_normalization(x, RADIUS, BIAS, ALPHA, BETA)


def step(normalise, shape: tuple[int, ...]):
    """A function that measures seconds a call of forward and backward takes.

    Args:
        normalise: From a map to a map of its shape.
        shape: Of the map.
    """
    x = tf.random.normal(shape)
    upstream = tf.random.normal(shape)

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = normalise(x)
        # the output is returned as well, or the forward pass would be pruned
        return y, tape.gradient(y, x, upstream)

    return lambda: timing.seconds(lambda: run()[0].numpy(), at_least=0.5)


def compare(size: int, channels: int, batch: int, runs: int) -> list[str]:
    """One row of the table."""
    shape = (batch, size, size, channels)
    candidates = {
        "tf.nn": step(native, shape),
        "ours": step(LocalResponseNormalization(RADIUS, BIAS, ALPHA, BETA), shape),
        "gemm": timing.gemm_rate,
    }
    results = timing.interleave(candidates, runs)
    times = [timing.spread([1e3 * s for s in results[name]]) for name in ("tf.nn", "ours")]
    ratio = statistics.median(results["ours"]) / statistics.median(results["tf.nn"])
    return [
        f"{size} x {size} x {channels}",
        *times,
        f"{ratio:.2f}",
        timing.spread(results["gemm"], 0),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=8, help="images a call")
    parser.add_argument("--runs", type=int, default=31, help="interleaved rounds")
    flags = parser.parse_args()
    timing.print_machine()
    header = ["map", "tf.nn ms", "LocalResponseNormalization ms", "ours / tf.nn", "GEMM GFLOP/s"]
    rows = [compare(size, channels, flags.batch, flags.runs) for size, channels in MAPS]
    timing.print_table(header, rows)


if __name__ == "__main__":
    main()
