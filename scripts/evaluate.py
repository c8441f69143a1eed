"""Measures a trained network: loss, top-1, top-5, accuracy by class, confusion matrix.

    python scripts/evaluate.py runs/resnet20-digits

The same as `keras-classic-cnns evaluate ...`; `--help` tells all flags.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.argv[1:1] = ["evaluate"]
    runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")), run_name="__main__")
