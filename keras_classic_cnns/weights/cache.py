"""The weights files on this machine, and what is known about each."""

import contextlib
import datetime
import fcntl
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_classic_cnns.core import files
from keras_classic_cnns.weights.digest import Checksum, WrongBytesError, hash_file
from keras_classic_cnns.weights.remote import RemoteFile

# What `Entry.problem` says of a file that is not there
ABSENT = "not there"

_log = logging.getLogger(__name__)


def folder() -> Path:
    """Where weights are kept: `models/keras_classic_cnns` in Keras's home.

    That is `KERAS_HOME`, else `~/.keras`. Keras itself goes to the temporary folder where it may
    not write; here that is an error, since weights that are downloaded again and again help nobody.
    """
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    return Path(home).expanduser() / "models" / "keras_classic_cnns"


class Entry:
    """A weights file in the cache, and beside it a record of its verification.

    The record, `<name>.json`, keeps the full SHA-256, so that a file with a short digest or none
    must stay what it was when it came first. It also keeps size and time of the file: while these
    are the same, the file need not be read again.

    Args:
        file: What should be there.
    """

    def __init__(self, file: RemoteFile) -> None:
        self.file = file
        self.path = folder() / file.name
        self.record = self.path.with_name(f"{file.name}.json")
        # Only who holds the lock writes these two
        self.part = self.path.with_name(f".{file.name}.part")
        self.unpacked = self.path.with_name(f".{file.name}.member")

    def problem(self) -> str | None:
        """Why the cached file cannot be used, `ABSENT` among others; `None` if it is right."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return ABSENT
        record = self._read()
        if (record.get("size"), record.get("mtime_ns")) == (stat.st_size, stat.st_mtime_ns):
            if self._is_of_this_digest(record) and self.file.size in (None, stat.st_size):
                return None
        checksum = hash_file(self.path, self.file.digest)
        wrong = self.mismatch(checksum, stat.st_size)
        if wrong is None:
            self._write(checksum, stat, record.get("url"))
        return wrong

    def mismatch(self, checksum: Checksum, size: int) -> str | None:
        """What is wrong with these bytes; `None` if they are the file.

        Args:
            checksum: Of the bytes, with the digest of the file.
            size: How many they are.
        """
        file, record = self.file, self._read()
        if file.size not in (None, size):
            return f"{size} bytes ({checksum.received}), expected {file.size} ({file.digest})"
        if not checksum.matches():
            return f"received {checksum.received}, expected {file.digest}"
        pinned = record.get("sha256") if self._is_of_this_digest(record) else None
        if pinned not in (None, checksum.sha256.value):
            return (
                f"received {checksum.sha256}, expected sha256:{pinned}, which came first; "
                f"delete {self.record} if the change is meant"
            )
        return None

    def accept(self, ready: Path, checksum: Checksum, url: str) -> None:
        """Puts bytes in place, if they are the right ones.

        Args:
            ready: A file beside `path`, written to the disk.
            checksum: Of its content.
            url: Where it came from.

        Raises:
            WrongBytesError: They are not.
        """
        stat = ready.stat()
        if wrong := self.mismatch(checksum, stat.st_size):
            raise WrongBytesError(wrong)
        ready.replace(self.path)
        self._write(checksum, stat, url)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other processes and threads from fetching the same file meanwhile.

        The system lets go of the lock of a process that dies. The lock's file stays: to delete it
        would part those who wait for it from those who come later.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_name(f".{self.file.name}.lock"), "ab") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _log.warning("Waiting for another process that fetches %s", self.path)
                fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                yield
            finally:  # a forked child that still has the file open must not keep the lock
                fcntl.flock(handle, fcntl.LOCK_UN)

    def _read(self) -> dict[str, Any]:
        try:
            record = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def _write(self, checksum: Checksum, stat: os.stat_result, url: str | None) -> None:
        digest = self.file.digest
        record = {
            "url": url,
            "kind": digest and digest.kind,
            "value": digest and digest.value,
            "sha256": checksum.sha256.value,
            "size": stat.st_size,
            "mtime_ns": stat.st_mtime_ns,
            "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
        # a cache that came with a read-only image is as good, only verified each time
        with contextlib.suppress(OSError), files.atomic_write(self.record) as file:
            json.dump(record, file, indent=1)

    def _is_of_this_digest(self, record: dict[str, Any]) -> bool:
        digest = self.file.digest
        known = (digest and digest.kind, digest and digest.value)
        return "sha256" in record and (record.get("kind"), record.get("value")) == known
