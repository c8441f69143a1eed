"""Trains a network on a TFDS data set, or goes on with a run that was interrupted.

    python scripts/train.py --model=resnet20 --dataset=digits

The same as `keras-classic-cnns train ...`; `--help` tells all flags.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.argv[1:1] = ["train"]
    runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")), run_name="__main__")
