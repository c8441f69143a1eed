"""Fetches weights files: from the cache, or from the first source that has the right bytes."""

import errno
import logging
import lzma
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.weights import session
from keras_classic_cnns.weights.asking import DownloadError
from keras_classic_cnns.weights.cache import ABSENT, Entry
from keras_classic_cnns.weights.digest import Checksum, WrongBytesError, hash_file
from keras_classic_cnns.weights.download import CHUNK, check_space, download
from keras_classic_cnns.weights.partial import PartialFile
from keras_classic_cnns.weights.remote import RemoteFile

# The largest member of an archive whose size nobody published; the largest weights have 1 GiB
LARGEST_MEMBER = 4 * 2**30

# Damaged in one way or another, cut off, encrypted, or packed as Python cannot (RuntimeError)
_UNREADABLE = (
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    RuntimeError,
    ValueError,
)

_log = logging.getLogger(__name__)


def fetch(file: RemoteFile, *, progress: bool = True) -> Path:
    """The path of a weights file on this machine, after it was downloaded if need be, and verified.

    A file in the cache is read and verified once; later only its size and time are looked at.
    Processes that ask for the same file at once download it once, and a download that was
    interrupted goes on where it stopped.

    The environment counts: `KERAS_HOME` (where the cache is), `KCC_OFFLINE` and `HF_HUB_OFFLINE`
    (no network), `HF_ENDPOINT` (a mirror of https://huggingface.co), `HF_TOKEN` (sent to it alone),
    and the usual variables for proxies.

    Args:
        file: What to fetch.
        progress: Whether Keras's progress bar shows a download.

    Returns:
        The path of the file in the cache.

    Raises:
        WeightsUnavailableError: It is not in the cache, and no source gave it, or it cannot be
            stored; the message lists what was tried, and says where to put the file by hand.
        WeightsCorruptError: The cache or a source had wrong bytes, and no source the right ones.

    Example:
        >>> from keras_classic_cnns.weights.digest import Digest
        >>> squeezenet = RemoteFile(
        ...     "squeezenet1_0-b66bff10.pth",
        ...     ("https://download.pytorch.org/models/squeezenet1_0-b66bff10.pth",),
        ...     Digest("sha256_prefix", "b66bff10"),
        ... )
        >>> path = fetch(squeezenet)  # doctest: +SKIP
    """
    entry = Entry(file)
    with _storage_errors(entry):
        if entry.problem() is None:
            return entry.path
        with entry.lock():
            return _fetch(entry, progress)


def _fetch(entry: Entry, progress: bool) -> Path:
    problem = entry.problem()  # none, where another process fetched it meanwhile
    if problem is None:
        return entry.path
    failures: list[tuple[str, Exception]] = []
    if problem != ABSENT:
        _log.warning("%s is not the right file and was removed: %s", entry.path, problem)
        entry.path.unlink()
        failures.append((f"{entry.path} (removed)", WrongBytesError(problem)))
    for url in entry.file.urls:
        try:
            return _fetch_from(url, entry, progress)
        except (DownloadError, WrongBytesError) as error:
            failures.append((session.resolve(url), error))
    raise _unavailable(entry, failures)


def _fetch_from(url: str, entry: Entry, progress: bool) -> Path:
    part = PartialFile(entry.part)
    was_begun = part.size() > 0
    try:
        checksum = download(url, part, entry.file, progress=progress)
        if entry.file.member is None:
            entry.accept(part.path, checksum, url)
        else:
            entry.accept(entry.unpacked, _unpack(entry), url)
        part.discard()
        return entry.path
    except (WrongBytesError, OSError) as error:
        part.discard()
        entry.unpacked.unlink(missing_ok=True)
        if isinstance(error, OSError) or not was_begun:
            raise
    return _fetch_from(url, entry, progress)  # what was begun may be of another version


def _unpack(entry: Entry) -> Checksum:
    """Takes the one member out of a downloaded archive, and nothing else."""
    file = entry.file
    try:
        with zipfile.ZipFile(entry.part) as archive:
            size = archive.getinfo(file.member).file_size  # and zipfile gives no byte more
            if size > (file.size or LARGEST_MEMBER):
                raise WrongBytesError(f"{file.member!r} would have {size} bytes, which is too many")
            check_space(entry.path.parent, size)
            with archive.open(file.member) as packed, open(entry.unpacked, "wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, CHUNK)
                unpacked.flush()
                os.fsync(unpacked.fileno())
    except KeyError as error:
        raise WrongBytesError(f"the archive has no {file.member!r}") from error
    except _UNREADABLE as error:
        raise WrongBytesError(f"no readable archive: {error}") from error
    except OSError as error:
        if error.errno in (None, errno.EINVAL):  # bz2's own, and a seek to where nothing can be
            raise WrongBytesError(f"no readable archive: {error}") from error
        raise
    return hash_file(entry.unpacked, file.digest)


@contextmanager
def _storage_errors(entry: Entry) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise errors.WeightsUnavailableError(
            f"The weights file {entry.file.name!r} cannot be kept in {entry.path.parent}: {error}. "
            "Make room there or make it writable, or choose another folder with the environment "
            f"variable KERAS_HOME.\n{_ways_out(entry)}"
        ) from error


def _unavailable(
    entry: Entry, failures: list[tuple[str, Exception]]
) -> errors.WeightsUnavailableError:
    is_corrupt = any(isinstance(error, WrongBytesError) for _, error in failures)
    kind = errors.WeightsCorruptError if is_corrupt else errors.WeightsUnavailableError
    tried = "".join(f"\n  {source}: {error}" for source, error in failures)
    return kind(f"The weights file {entry.file.name!r} cannot be had.{tried}\n{_ways_out(entry)}")


def _ways_out(entry: Entry) -> str:
    file = entry.file
    what = f"the member {file.member!r} of the archive" if file.member else "the file"
    return (
        f"Expected: {file.digest or 'no digest is published'}, "
        f"{f'{file.size} bytes' if file.size else 'no size is published'}.\n"
        f"To put it there by hand, download {what} elsewhere, and save it as\n  {entry.path}\n"
        "A network with random weights needs no file: `weights=None`. "
        f"{validate.received('urls', file.urls)}"
    )
