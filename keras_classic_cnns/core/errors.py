"""The exceptions that are ours; everything else is a plain ValueError or TypeError."""

import difflib
from collections.abc import Iterable


class MissingDataError(RuntimeError):
    """A data set that was asked for is not on this machine, and the message says how to get it."""


class WeightsUnavailableError(RuntimeError):
    """A weights file cannot be had; the message says what was tried and what else can be done."""


class WeightsCorruptError(WeightsUnavailableError):
    """No source has the right weights file, and the cache or a source had a wrong one."""


class UnsupportedModelError(ValueError):
    """A model cannot be used for what was asked (exported, say), and the message says why."""


class WeightsFileError(ValueError):
    """A weights file cannot be read, and the message says what is wrong with the file."""


class DivergedError(ArithmeticError):
    """A training run has no finite loss any more; the message says where and what to try."""


class OutOfMemoryError(MemoryError):
    """A step does not fit into the memory of the device; the message says what to try."""


class DistributionError(RuntimeError):
    """This machine or process cannot distribute training as asked, and the message says why."""


class LostWorkerError(DistributionError):
    """Another worker of the same training run has ended; all are to be started again."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h: to try again may help


def close_matches(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the names most like the one asked for.

    Args:
        name: What was asked for.
        known: The names there are.

    Returns:
        `"Did you mean 'resnet50'? "`, or `""` where nothing comes near.

    Example:
        >>> close_matches("resnet5O", ["resnet50", "vgg16"])
        "Did you mean 'resnet50'? "
    """
    matches = difflib.get_close_matches(str(name).lower(), list(known), n=3, cutoff=0.6)
    if not matches:
        return ""
    return f"Did you mean {' or '.join(repr(match) for match in matches)}? "
