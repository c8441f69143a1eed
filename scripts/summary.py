"""Shows a network layer by layer, with what each costs.

    python scripts/summary.py resnet50

The same as `keras-classic-cnns summary ...`; `--help` tells all flags.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.argv[1:1] = ["summary"]
    runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")), run_name="__main__")
