"""Trains a network of every family, LeNet to NASNet, by its recipe, and draws the history race.

    python scripts/history_race.py
    python scripts/history_race.py --dataset=cifar10 --seeds=0

The same command goes on where it was stopped; `--help` tells all flags.
"""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

# Sets TensorFlow's switches before it is imported, as the commands do; runs no command.
runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")))

from keras_classic_cnns import cli  # noqa: E402
from keras_classic_cnns.experiments import RaceSettings, race  # noqa: E402


def main(words: Sequence[str] | None = None) -> int:
    """Runs the script.

    Args:
        words: The command line; by default that of the process.

    Returns:
        0 where all went well, also where the limit of time was reached; 1 for an error, 2 for a
        wrong command line, and 128 plus the signal's number where a signal stopped it.
    """
    summary = "Trains a network of every family by its recipe, and draws the history race."
    command = cli.Command(RaceSettings, lambda settings: race(settings).exit_code, summary)
    return cli.run_command(command, sys.argv[1:] if words is None else words, "history_race.py")


if __name__ == "__main__":
    sys.exit(main())
