"""What is known of every architecture from outside: a file a family in `models/`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("models")


@dataclass(frozen=True)
class Golden:
    """The facts of one architecture.

    Args:
        family: The file it stands in, which is its module in `keras_classic_cnns.models`.
        depth: Layers with weights, as its name or its paper counts them; `null` if neither does.
        errors: Published errors, each with `data`, `test`, `top1`, `top5` (in percent, `null`
            where there is none) and `source`.
        rows: For the default and for other `options`: parameters, trainable ones,
            multiply-accumulates, shapes of the endpoints, and the `witness` of the numbers.
    """

    family: str
    depth: int | None
    errors: list[dict[str, Any]]
    rows: list[dict[str, Any]]


def read_goldens() -> dict[str, Golden]:
    """Every architecture's facts, by its registry name."""
    return {
        name: Golden(file.stem, **facts)
        for file in sorted(FOLDER.glob("*.json"))
        for name, facts in json.loads(file.read_text()).items()
    }
