"""Which split of a set is the one to evaluate on."""

import os

from keras_classic_cnns.data import datasets


def evaluation_split(
    name: str | os.PathLike, *, data_dir: str | os.PathLike | None = None
) -> str | None:
    """The split to evaluate on: validation before test, which may keep its labels to itself.

    Args:
        name: As for `load`.
        data_dir: As for `load`.

    Returns:
        The name of the split, or `None` where the set has neither.

    Raises:
        MissingDataError: The set is not on disk.
        ValueError: There is no such set or configuration.

    Example:
        >>> evaluation_split("digits")
        'test'
    """
    there = datasets.split_names(name, data_dir=data_dir)
    candidates = ("validation", "val", "test")  # folders like the short name
    return next((split for split in candidates if split in there), None)
