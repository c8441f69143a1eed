"""Memory and time of training DenseNet, plain and with `memory_efficient=True`.

Each form runs in processes of its own, in turn; what counts is the peak of the process's memory
less what it held before the first step, and the median time of a step.

    python benchmarks/densenet_memory.py --model=DenseNet121 --size=224 --batch=16
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks import timing

FORMS = {"plain": False, "memory_efficient": True}


def measure(flags: argparse.Namespace, memory_efficient: bool) -> None:
    """Trains a few steps in this process, and prints megabytes and seconds as JSON."""
    import keras
    import numpy as np

    import keras_classic_cnns as kcc

    keras.utils.set_random_seed(0)
    shape = (flags.size, flags.size, 3)
    build = getattr(kcc, flags.model)
    model = build(weights=None, input_shape=shape, memory_efficient=memory_efficient)
    model.compile(
        keras.optimizers.SGD(1e-3, momentum=0.9),
        "sparse_categorical_crossentropy",
        jit_compile=False,
    )
    images = np.random.default_rng(0).random((flags.batch, *shape), "float32")
    labels = np.arange(flags.batch) % model.output_shape[-1]
    before = _peak_mb()
    losses, seconds = [], []
    for _ in range(flags.steps + 1):
        start = time.perf_counter()
        losses.append(float(model.train_on_batch(images, labels)))
        seconds.append(time.perf_counter() - start)
    print(
        json.dumps(
            {
                "mb": _peak_mb() - before,
                "seconds": statistics.median(seconds[1:]),  # the first one traces the graph
                "trace": seconds[0],
                "loss": losses[-1],
            }
        )
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(form: str) -> dict[str, float]:
    """What `measure` prints in a fresh process."""
    command = [sys.executable, __file__, *sys.argv[1:], f"--form={form}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="DenseNet121", help="a constructor of DenseNet")
    parser.add_argument("--size", type=int, default=224, help="height and width of the images")
    parser.add_argument("--batch", type=int, default=16, help="images a step")
    parser.add_argument("--steps", type=int, default=5, help="steps in a process")
    parser.add_argument("--runs", type=int, default=3, help="interleaved rounds")
    parser.add_argument("--form", choices=FORMS, help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.form:
        measure(flags, FORMS[flags.form])
        return
    candidates = {form: lambda form=form: run(form) for form in FORMS}
    results = timing.interleave(candidates, flags.runs)
    timing.print_machine()
    print(f"{flags.model}, {flags.size} x {flags.size}, batch {flags.batch}, {flags.runs} runs\n")
    rows = []
    median = {
        form: {key: statistics.median(r[key] for r in results[form]) for key in results[form][0]}
        for form in FORMS
    }
    for form in FORMS:
        columns = {key: [r[key] for r in results[form]] for key in ("mb", "seconds")}
        ratios = [median[form][key] / median["plain"][key] for key in columns]
        rows.append(
            [
                form,
                timing.spread(columns["mb"], 0),
                f"{ratios[0]:.2f}",
                timing.spread([1e3 * s / flags.batch for s in columns["seconds"]]),
                f"{ratios[1]:.2f}",
                f"{median[form]['loss']:.6f}",
            ]
        )
    timing.print_table(
        ["form", "peak memory of training, MB", "/ plain", "ms an image", "/ plain", "loss"], rows
    )


if __name__ == "__main__":
    main()
