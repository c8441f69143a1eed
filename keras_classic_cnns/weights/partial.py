"""The beginning of a download, kept on the disk so that it can be continued."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from keras_classic_cnns.core import files


@dataclass(frozen=True)
class Origin:
    """What a partial file is the beginning of.

    Args:
        url: Its address.
        validator: The ETag or the time by which the server tells its versions apart, if it does.
        total: Bytes in all, where the server said it.
    """

    url: str
    validator: str | None
    total: int | None


class PartialFile:
    """The beginning of a file; a note beside it tells of what, so that another process can go on.

    Args:
        path: The partial file. The caller sees to it that nobody else writes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._note = path.with_name(f"{path.name}.json")

    def size(self) -> int:
        """Bytes that are there; 0 where there is no file."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def origin(self) -> Origin | None:
        """What it is the beginning of; `None` if it is empty, or if nobody knows."""
        if not self.size():
            return None
        try:
            return Origin(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def restart(self, origin: Origin) -> None:
        """Empties it, and makes it the beginning of something else.

        Args:
            origin: What is written into it from now on.
        """
        self.path.write_bytes(b"")  # first, since the new note is not true of the old bytes
        with files.atomic_write(self._note) as file:
            json.dump(asdict(origin), file)

    def discard(self) -> None:
        """Removes it and its note."""
        for path in (self.path, self._note):
            with contextlib.suppress(OSError):
                path.unlink()
