"""Trains in several processes: starts them here, or is started as each of them by SLURM.

    python scripts/launch_workers.py --workers=2 -- train --model=lenet5 --dataset=digits
    srun python scripts/launch_workers.py --slurm -- train --model=lenet5 --dataset=digits

Behind `--` stands what `keras-classic-cnns` takes. Here all are started again where one is killed,
and go on from their checkpoints. docs/distributed.md tells more.
"""

import os
import sys
from pathlib import Path

from absl import app, flags

from keras_classic_cnns import distribute

_WORKERS = flags.DEFINE_integer("workers", 2, "Processes on this machine.", lower_bound=1)
_RESTARTS = flags.DEFINE_integer(
    "max_restarts", 3, "How often all are started again where one is killed.", lower_bound=0
)
_PORT = flags.DEFINE_integer(
    "port",
    None,
    "Port of the first worker (of each node, with --slurm); the others have the next ones. "
    "Default: free ones, with --slurm 8470.",
    lower_bound=1,
    upper_bound=65535,
)
_SLURM = flags.DEFINE_boolean(
    "slurm", False, "This process is one task of a SLURM job step, and becomes its worker."
)

_PROGRAM = Path(__file__).with_name("keras-classic-cnns")


def main(words: list[str]) -> int:
    """Runs the command behind `--`."""
    if len(words) < 2:
        raise app.UsageError("Behind -- must stand a command: -- train --model=... --dataset=...")
    command = [sys.executable, str(_PROGRAM), *words[1:]]
    if not _SLURM.value:
        return distribute.launch(
            command, _WORKERS.value, max_restarts=_RESTARTS.value, port=_PORT.value
        )
    cluster = distribute.slurm_cluster(*[] if _PORT.value is None else [_PORT.value])
    os.execve(sys.executable, command, {**os.environ, "TF_CONFIG": cluster.as_json()})


if __name__ == "__main__":
    app.run(main)
