"""Time of `import keras_classic_cnns` against `import keras`, in fresh interleaved processes.

python benchmarks/import_time.py --runs=9
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks import timing

ROOT = pathlib.Path(__file__).resolve().parents[1]

CODE = """
import time
wall, cpu = time.perf_counter(), time.process_time()
import {}
print(time.perf_counter() - wall, time.process_time() - cpu)
"""


def import_seconds(package: str) -> tuple[float, float]:
    """Seconds by the wall and of the processor that the import takes in a fresh interpreter."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", CODE.format(package)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    wall, cpu = map(float, done.stdout.split())
    return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="interleaved rounds")
    flags = parser.parse_args()
    packages = ("keras", "keras_classic_cnns")
    candidates = {name: lambda name=name: import_seconds(name) for name in packages}
    results = timing.interleave(candidates, flags.runs)
    timing.print_machine()
    rows = []
    for clock, kind in enumerate(("wall", "processor")):
        columns = [[times[clock] for times in results[name]] for name in packages]
        theirs, ours = map(statistics.median, columns)
        rows.append(
            [kind, *(timing.spread(column, 2) for column in columns), f"{ours / theirs:.3f}"]
        )
    timing.print_table(["seconds", "import keras", "import keras_classic_cnns", "ratio"], rows)


if __name__ == "__main__":
    main()
