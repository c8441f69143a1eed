"""The time that each constructor takes, and that of its twin in `keras.applications`.

A network with a twin is built in turn with it, `--runs` rounds; the others are built once, which
says what a user waits for. What counts is the ratio of medians. A second round of the pair starts
all kernels with zeros: it compares the graphs alone, since the papers draw Gaussian kernels and
`keras.applications` draws uniform ones, whatever the paper says, in a third of the time.

    python benchmarks/building.py
    python benchmarks/building.py --models="densenet*,vgg16" --runs=5
"""

import argparse
import contextlib
import fnmatch
import pathlib
import statistics
import sys
from collections.abc import Iterator
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import keras

import keras_classic_cnns as kcc
from benchmarks import timing

TWINS = {
    "vgg16": keras.applications.VGG16,
    "vgg19": keras.applications.VGG19,
    "inceptionv3": keras.applications.InceptionV3,
    "inceptionresnetv2": keras.applications.InceptionResNetV2,
    "resnet50": keras.applications.ResNet50,
    "resnet101": keras.applications.ResNet101,
    "resnet152": keras.applications.ResNet152,
    "preactresnet50": keras.applications.ResNet50V2,
    "preactresnet101": keras.applications.ResNet101V2,
    "preactresnet152": keras.applications.ResNet152V2,
    "densenet121": keras.applications.DenseNet121,
    "densenet169": keras.applications.DenseNet169,
    "densenet201": keras.applications.DenseNet201,
    "nasnetmobile": keras.applications.NASNetMobile,
    "nasnetlarge": keras.applications.NASNetLarge,
}


HEADER = ["constructor", "seconds", "keras.applications", "ratio", "ratio, nothing drawn"]
DRAWS = (
    keras.initializers.VarianceScaling,
    keras.initializers.RandomNormal,
    keras.initializers.RandomUniform,
    keras.initializers.TruncatedNormal,
)


@contextlib.contextmanager
def nothing_drawn() -> Iterator[None]:
    """Random initializers give zeros."""
    with contextlib.ExitStack() as stack:
        for draw in DRAWS:
            stack.enter_context(mock.patch.object(draw, "__call__", zeros))
        yield


def zeros(self, shape, dtype=None, **options):
    """What stands in for a random initializer's `__call__`."""
    return keras.ops.zeros(shape, dtype or keras.config.floatx())


def build_seconds(build) -> float:
    """Seconds of one build with random weights; the model is let go of."""
    keras.backend.clear_session()
    return timing.seconds(lambda: build(weights=None))


def row(name: str, runs: int) -> list[str]:
    """A line of the table."""
    ours, twin = kcc.registry.get_builder(name), TWINS.get(name)
    if twin is None:
        return [kcc.get_spec(name).constructor, f"{build_seconds(ours):.2f}", "", "", ""]
    builds = {"ours": lambda: build_seconds(ours), "twin": lambda: build_seconds(twin)}
    times = timing.interleave(builds, runs)
    with nothing_drawn():
        graph_times = timing.interleave(builds, runs)
    return [
        kcc.get_spec(name).constructor,
        *(timing.spread(times[which], 2) for which in builds),
        f"{ratio(times):.2f}",
        f"{ratio(graph_times):.2f}",
    ]


def ratio(times: dict[str, list[float]]) -> float:
    """Our median over the twin's."""
    return statistics.median(times["ours"]) / statistics.median(times["twin"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default="*", help="patterns of names, comma-separated")
    parser.add_argument("--runs", type=int, default=5, help="interleaved rounds of those with twin")
    flags = parser.parse_args()
    patterns = flags.models.lower().split(",")
    names = [
        name
        for name in kcc.list_models()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    ]
    if not names:
        parser.error(f"--models: nothing matches. Received: {flags.models}")
    timing.print_machine()
    build_seconds(kcc.LeNet5)  # whatever Keras does but once
    rows = [row(name, flags.runs) for name in names]
    timing.print_table(HEADER, rows)


if __name__ == "__main__":
    main()
