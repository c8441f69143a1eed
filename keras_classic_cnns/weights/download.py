"""Downloads one file from one address: tries again, and goes on where it, or another, stopped."""

import errno
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from keras_classic_cnns.weights import session
from keras_classic_cnns.weights.asking import (
    DownloadError,
    NoSuchRangeError,
    PassingError,
    ask,
    content_size,
    translated,
)
from keras_classic_cnns.weights.digest import Checksum, Digest, WrongBytesError, hash_file
from keras_classic_cnns.weights.partial import Origin, PartialFile
from keras_classic_cnns.weights.remote import RemoteFile

CHUNK = 2**20
TRIES = 3
# Seconds before the second try, and twice as many before the third
BACKOFF_S = 1.0
# A server that asks for a longer pause is given up
LONGEST_PAUSE_S = 120.0

_log = logging.getLogger(__name__)


def download(url: str, part: PartialFile, file: RemoteFile, *, progress: bool = True) -> Checksum:
    """Downloads a file, or the archive of which it is a member, into `part`.

    Errors of the server, stalls and broken connections are tried again, `TRIES` times in all. What
    came before is kept, and a server that can sends only the rest, if its file is still the same.

    Args:
        url: The address.
        part: Where the bytes go.
        file: What is known about them; the caller compares the digest.
        progress: Whether a bar shows how far it is.

    Returns:
        The checksum of all bytes.

    Raises:
        DownloadError: All tries failed, or one did in a way that lasts.
        WrongBytesError: The length is that of another file.
        OSError: The disk is full, or cannot be written.
    """
    # size and digest are those of the member, and say nothing about its archive
    digest, size = (None, None) if file.member else (file.digest, file.size)
    return persist(url, lambda: _attempt(url, part, digest, size, progress))


def persist(url: str, attempt: Callable[[], Any]) -> Any:
    """Calls a function until it succeeds, `TRIES` times at most, with pauses in between.

    Args:
        url: The address that it asks, for the log.
        attempt: The function. Where it raises a `PassingError` it is called again.

    Returns:
        What the function returned.

    Raises:
        DownloadError: All tries failed, or one did in a way that lasts.
    """
    for number in range(1, TRIES + 1):
        try:
            return attempt()
        except PassingError as error:
            if number == TRIES:
                raise DownloadError(f"{error} ({TRIES} tries)") from error
            _pause(url, error, number)
    raise ValueError(f"`TRIES` must be at least 1. Received: TRIES={TRIES}")


def check_space(folder: Path, size: int) -> None:
    """Checks that a disk has room, before it is filled for nothing.

    Args:
        folder: A folder on it.
        size: Bytes to come.

    Raises:
        OSError: It has not.
    """
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OSError(errno.ENOSPC, f"{size} bytes are to come, and {free} are free")


def _pause(url: str, error: PassingError, attempt: int) -> None:
    seconds = BACKOFF_S * 2 ** (attempt - 1) if error.pause_s is None else error.pause_s
    if seconds > LONGEST_PAUSE_S:
        raise DownloadError(f"{error}, to be asked again in {seconds:.0f} s") from error
    _log.warning("%s: %s. Next try in %.0f s", session.resolve(url), error, seconds)
    time.sleep(max(seconds, 0))


def _attempt(
    url: str, part: PartialFile, digest: Digest | None, size: int | None, progress: bool
) -> Checksum:
    begun = _begun(url, part, digest)
    if begun and begun.total == part.size():  # only the end was missing
        return hash_file(part.path, digest)
    with _ask(url, part, begun) as response:
        origin = _origin(url, response)
        if response.status_code != requests.codes.partial:
            part.restart(origin)
        elif begun is None or not _continues(response, part, begun, origin):
            part.discard()
            raise PassingError("the server sent another range than was asked for")
        if size is not None and origin.total not in (None, size):
            raise WrongBytesError(f"{origin.total} bytes, expected {size}")
        return _receive(response, part, digest, origin.total or size, progress)


def _begun(url: str, part: PartialFile, digest: Digest | None) -> Origin | None:
    """What may be continued: without validator only where a digest can tell a mixture."""
    origin = part.origin()
    if origin is None or origin.url != url or not (origin.validator or digest):
        return None
    return origin


def _ask(url: str, part: PartialFile, begun: Origin | None) -> requests.Response:
    headers = {}
    if begun is not None:
        headers["Range"] = f"bytes={part.size()}-"
        if begun.validator:
            headers["If-Range"] = begun.validator
    try:
        return ask(url, headers)
    except NoSuchRangeError:
        part.discard()
        raise


def _origin(url: str, response: requests.Response) -> Origin:
    headers = response.headers
    if headers.get("Content-Encoding", "identity") != "identity":
        return Origin(url, None, None)  # its length and offsets are not those of the file
    tag = headers.get("ETag", "")
    # a weak tag does not promise the same bytes
    validator = headers.get("Last-Modified") if not tag or tag.startswith("W/") else tag
    return Origin(url, validator, content_size(response))


def _continues(
    response: requests.Response, part: PartialFile, begun: Origin, origin: Origin
) -> bool:
    start = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    same_length = None in (begun.total, origin.total) or begun.total == origin.total
    return start is not None and int(start[1]) == part.size() and same_length


def _receive(
    response: requests.Response,
    part: PartialFile,
    digest: Digest | None,
    total: int | None,
    progress: bool,
) -> Checksum:
    received = part.size()
    check_space(part.path.parent, (total or 0) - received)
    # Git's digest begins with the length; where that is not known, the file is read again
    on_the_way = digest is None or digest.kind != "git_blob" or total is not None
    checksum = Checksum(digest if on_the_way else None, total)
    checksum.update_from(part.path)
    show = _bar(response.url, total) if progress else _no_bar
    with open(part.path, "ab") as file:
        for chunk in _chunks(response):
            file.write(chunk)
            checksum.update(chunk)
            received += len(chunk)
            if total is not None and received > total:
                raise WrongBytesError(f"more than the {total} bytes that were expected")
            show(received, False)
        file.flush()
        os.fsync(file.fileno())
    if total not in (None, received):
        raise PassingError(f"cut off after {received} of {total} bytes")
    show(received, True)
    return checksum if on_the_way else hash_file(part.path, digest)


def _chunks(response: requests.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_content(CHUNK)
    except requests.RequestException as error:
        raise translated(error) from error


def _bar(title: str, total: int | None) -> Callable[[int, bool], None]:
    """Keras's progress bar, in MiB, as a function of the bytes that are there."""
    import keras

    mebibyte = 2**20
    print(f"Downloading {title}")
    bar = keras.utils.Progbar(total and -(-total // mebibyte), unit_name="MiB")
    return lambda received, is_last: bar.update(-(-received // mebibyte), finalize=is_last)


def _no_bar(received: int, is_last: bool) -> None:
    """Shows nothing."""
