"""Writes a trained network as a SavedModel for TensorFlow Serving.

    python scripts/export.py runs/resnet20-digits

The same as `keras-classic-cnns export ...`; `--help` tells all flags.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.argv[1:1] = ["export"]
    runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")), run_name="__main__")
