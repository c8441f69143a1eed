"""What a user can choose for the history race."""

import dataclasses
from typing import Any

from keras_classic_cnns.core import validate
from keras_classic_cnns.training.settings import Settings, at_least, path_name, setting, words


def _seeds(name: str, value: Any) -> tuple[str, ...]:
    """Checks that `value` are seeds; numbers become words, as the command line has them."""
    given = value if isinstance(value, list | tuple) else (value,)
    seeds = tuple(str(seed) for seed in given)
    if not seeds or not all(map(str.isdecimal, seeds)) or len(set(seeds)) < len(seeds):
        raise ValueError(
            "`seeds` must be different whole numbers of at least 0, with commas. "
            f"{validate.received(name, value)}"
        )
    return seeds


@dataclasses.dataclass(frozen=True)
class RaceSettings(Settings):
    """Settings of `race`: which networks on which data, and where to."""

    dataset: str = setting(
        "The data: digits, which needs no download, or a TFDS set that is on disk, such as "
        "cifar10.",
        "digits",
        check=validate.string,
    )
    data_dir: str | None = setting(
        "Where the TFDS sets lie.", None, check=path_name, absent="TFDS's own folder"
    )
    images: int = setting(
        "Training images at most, the first of the split. Of large sets all would take days.",
        10_000,
        check=at_least(320),
    )
    only: tuple[str, ...] = setting(
        "The networks that take part, with commas, by their names in `list`.", (), check=words
    )
    seeds: tuple[str, ...] = setting(
        "A run of every network for each of these, with commas.", ("0", "1", "2"), check=_seeds
    )
    limit_minutes: float = setting(
        "Start no run that would last longer than this from now on.",
        180.0,
        check=lambda name, value: validate.number(name, value, minimum=0.0),
    )
    out: str = setting(
        "Where runs, results and, by default, the page go. The same command goes on where it "
        "stopped.",
        "runs/history_race",
        check=path_name,
    )
    write_page: str | None = setting(
        "Where the page goes; the picture goes into the folder `figures` beside it.",
        None,
        check=path_name,
        absent="OUT/DATASET/history_race.md",
    )
