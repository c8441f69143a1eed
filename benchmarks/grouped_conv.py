"""Forward and backward of a grouped 3x3 convolution at the four sizes of ResNeXt-50.

Against `keras.layers.Conv2D(groups=32)`, which takes seconds a call on CPU, and against a dense
3x3 convolution of the same number of multiplications.

    python benchmarks/grouped_conv.py --batch=4 --runs=5
"""

import argparse
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import keras
import tensorflow as tf

from benchmarks import timing
from keras_classic_cnns.layers import GroupedConv2D

GROUPS = 32
SIZES = ((56, 128), (28, 256), (14, 512), (7, 1024))  # map, channels: a stage of 32x4d each


def step(layer: keras.Layer, shape: tuple[int, ...], at_least: float):
    """A function that measures seconds a call of forward and backward takes.

    Args:
        layer: A convolution.
        shape: Shape of its input.
        at_least: Seconds to fill with calls; 0 calls once.
    """
    x = tf.random.normal(shape)
    upstream = tf.random.normal(layer.compute_output_shape(shape))
    layer.build(shape)

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        # the output is returned as well, or the forward pass would be pruned
        return y, tape.gradient(y, [x, layer.kernel.value], upstream)

    return lambda: timing.seconds(lambda: run()[0].numpy(), at_least)


def compare(size: int, channels: int, batch: int, runs: int) -> list[str]:
    """One row of the table."""
    arguments = dict(kernel_size=3, padding="same", use_bias=False)
    shape = (batch, size, size, channels)
    # (channels / 8) * (channels / 4) = channels * channels / 32: the multiplications of 32 groups
    narrow = (batch, size, size, channels // 8)
    theirs = keras.layers.Conv2D(channels, groups=GROUPS, **arguments)
    candidates = {
        "keras": step(theirs, shape, at_least=0.0),
        "ours": step(GroupedConv2D(channels, groups=GROUPS, **arguments), shape, at_least=0.3),
        "dense": step(keras.layers.Conv2D(channels // 4, **arguments), narrow, at_least=0.3),
        "gemm": timing.gemm_rate,
    }
    results = timing.interleave(candidates, runs)
    middle = {name: statistics.median(values) for name, values in results.items()}
    times = [timing.spread([1e3 * s for s in results[name]]) for name in ("keras", "ours", "dense")]
    return [
        f"{size} x {size} x {channels}",
        *times,
        f"{middle['keras'] / middle['ours']:.0f}",
        f"{middle['ours'] / middle['dense']:.2f}",
        timing.spread(results["gemm"], 0),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=4, help="images a call")
    parser.add_argument("--runs", type=int, default=5, help="interleaved rounds")
    flags = parser.parse_args()
    timing.print_machine()
    header = ["map", "Keras ms", "GroupedConv2D ms", "dense ms", "Keras / ours", "ours / dense"]
    rows = [compare(size, channels, flags.batch, flags.runs) for size, channels in SIZES]
    timing.print_table([*header, "GEMM GFLOP/s"], rows)


if __name__ == "__main__":
    main()
