"""Names the classes of image files.

    python scripts/predict.py runs/resnet20-digits image.png

The same as `keras-classic-cnns predict ...`; `--help` tells all flags.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.argv[1:1] = ["predict"]
    runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")), run_name="__main__")
