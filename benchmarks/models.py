"""Training and forward pass of whole networks, against those that others built.

ResNeXt-50 against torchvision's, where a Python with torch is named, and ResNet-50 against
`keras.applications.ResNet50`, whose topology is `stride_in="1x1"` with biases.

    python benchmarks/models.py --models=resnext50,resnet50 --torch_python=/path/to/python
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import keras
import numpy as np

import keras_classic_cnns as kcc
from benchmarks import timing

WORKER = pathlib.Path(__file__).with_name("torch_worker.py")
WORKS = ("train", "forward")
AT_LEAST = 1.0  # seconds of calls in a run; torch_worker.py has the same


class KerasNetwork:
    """A compiled Keras model, one batch of noise, and the works that can be timed."""

    def __init__(self, model: keras.Model, batch: int):
        self.model = model
        model.compile(keras.optimizers.SGD(1e-3, momentum=0.9), "sparse_categorical_crossentropy")
        images = np.random.default_rng(0).random((batch, *model.input_shape[1:]), "float32")
        self.images = keras.ops.convert_to_tensor(images)  # on the GPU, where there is one
        self.labels = keras.ops.convert_to_tensor(np.arange(batch) % 1000)

    def measure(self, work: str) -> float:
        """Seconds of a training step or a forward pass, as `fit` and `predict` run them."""
        calls = {
            "train": lambda: self.model.train_on_batch(self.images, self.labels),
            "forward": lambda: self.model.predict_on_batch(self.images),
        }
        return timing.seconds(calls[work], at_least=AT_LEAST)


class TorchWorker:
    """A process of another Python that runs a torchvision network when asked."""

    def __init__(self, python: str, name: str, batch: int, size: int):
        self.process = subprocess.Popen(
            [python, WORKER, name, str(batch), str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.versions = self.process.stdout.readline().strip()

    def measure(self, work: str, memory_format: str) -> float:
        print(work, memory_format, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def report(
    title: str, measures: dict[str, Callable[[str], float]], flags: argparse.Namespace
) -> None:
    """Measures all works of all networks in turn and prints a table, ours first."""
    candidates = {
        (work, name): lambda measure=measure, work=work: measure(work)
        for work in WORKS
        for name, measure in measures.items()
    }
    results = timing.interleave({**candidates, "gemm": timing.gemm_rate}, flags.runs)
    rows = []
    for work in WORKS:
        ours = None
        for name in measures:
            times = [1e3 * s / flags.batch for s in results[work, name]]
            ours = ours or statistics.median(times)
            ratio = ours / statistics.median(times)
            rows.append([work, name, timing.spread(times), f"{ratio:.2f}"])
    print(f"{title}, batch {flags.batch}, {flags.size} x {flags.size}, {flags.runs} runs;", end=" ")
    print(f"GEMM {timing.spread(results['gemm'], 0)} GFLOP/s\n")
    timing.print_table(["work", "network", "ms an image", "ours / this"], rows)
    print()


def resnext50(flags: argparse.Namespace) -> None:
    """ResNeXt-50 32x4d against torchvision's."""
    model = kcc.ResNeXt50(weights=None, input_shape=(flags.size, flags.size, 3))
    measures = {"keras_classic_cnns": KerasNetwork(model, flags.batch).measure}
    worker = None
    if flags.torch_python:
        worker = TorchWorker(flags.torch_python, "resnext50_32x4d", flags.batch, flags.size)
        print(worker.versions)
        for memory_format in ("default", "channels_last"):
            measures[f"torchvision, {memory_format}"] = lambda work, memory_format=memory_format: (
                worker.measure(work, memory_format)
            )
    report("ResNeXt-50 (32x4d)", measures, flags)
    if worker:
        worker.close()


def resnet50(flags: argparse.Namespace) -> None:
    """ResNet-50 against Keras's, both with the stride in the first 1x1 convolution."""
    shape = (flags.size, flags.size, 3)
    ours = kcc.ResNet50(weights=None, input_shape=shape, stride_in="1x1")
    theirs = keras.applications.ResNet50(weights=None, input_shape=shape)
    measures = {
        "keras_classic_cnns": KerasNetwork(ours, flags.batch).measure,
        "keras.applications": KerasNetwork(theirs, flags.batch).measure,
    }
    report("ResNet-50, stride in the 1x1", measures, flags)


BENCHMARKS = {"resnext50": resnext50, "resnet50": resnet50}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=",".join(BENCHMARKS), help="which, comma-separated")
    parser.add_argument("--batch", type=int, default=8, help="images a step")
    parser.add_argument("--size", type=int, default=224, help="height and width of the images")
    parser.add_argument("--runs", type=int, default=7, help="interleaved rounds")
    timing.add_torch_python(parser)
    flags = parser.parse_args()
    timing.print_machine()
    for name in flags.models.split(","):
        if name not in BENCHMARKS:
            parser.error(f"--models: {', '.join(BENCHMARKS)}. Received: {name}")
        BENCHMARKS[name](flags)


if __name__ == "__main__":
    main()
