"""Trains in several processes: starts them here, or is started as each of them by SLURM.

    python scripts/launch_workers.py --workers=2 -- train --model=lenet5 --dataset=digits
    srun python scripts/launch_workers.py --slurm -- train --model=lenet5 --dataset=digits

Behind `--` stands what `keras-classic-cnns` takes. Here all are started again where one is killed,
and go on from their checkpoints. docs/distributed.md tells more.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from keras_classic_cnns import distribute
from keras_classic_cnns.core.errors import DistributionError

_PROGRAM = Path(__file__).with_name("keras-classic-cnns")


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command behind `--` in several processes, or in this one as a task of SLURM.

    Args:
        words: What follows the name of the script; by default what it was started with.

    Returns:
        The exit code, of the first worker to fail.
    """
    parser = _parser()
    chosen = parser.parse_args(words)
    for flag in ("workers", "max_restarts"):
        if chosen.slurm and getattr(chosen, flag) is not None:
            parser.error(f"--{flag} does nothing with --slurm, which starts the workers itself")
    command = [sys.executable, str(_PROGRAM), *chosen.command]
    try:
        if not chosen.slurm:
            workers = 2 if chosen.workers is None else chosen.workers
            restarts = 3 if chosen.max_restarts is None else chosen.max_restarts
            return distribute.launch(command, workers, max_restarts=restarts, port=chosen.port)
        cluster = distribute.slurm_cluster(chosen.port or 8470)
    except (ValueError, DistributionError) as error:
        print(f"launch_workers: {error}", file=sys.stderr)
        return 2
    os.execve(sys.executable, command, {**os.environ, "TF_CONFIG": cluster.as_json()})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, help="processes on this machine; 2")
    parser.add_argument(
        "--max_restarts",
        type=int,
        help="how often all are started again where one is killed; 3",
    )
    parser.add_argument(
        "--port",
        type=int,
        help="of the first worker (of each node, with --slurm), the others have the next ones; "
        "free ones, with --slurm 8470",
    )
    parser.add_argument(
        "--slurm",
        action="store_true",
        help="this process is a task of a SLURM job step, and becomes its worker",
    )
    parser.add_argument("command", nargs="+", help="behind --: train --model=... and so on")
    return parser


if __name__ == "__main__":
    sys.exit(main())
