"""A weights file that somebody publishes: where it is, and how to tell that it is the right one."""

import re
from dataclasses import dataclass

from keras_classic_cnns.core import validate
from keras_classic_cnns.weights.digest import Digest


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Args:
        name: The file's name in the cache.
        urls: Where it is, in the order they are tried; at least one.
        digest: What it hashes to; of the member where it is one. `None` where nobody published
            one: then `size` is checked, and what came first is pinned.
        size: Bytes, of the member where it is one; `None` where it is not published.
        member: The member of a zip archive at the urls that is the file; `None` if it is no
            archive.
    """

    name: str
    urls: tuple[str, ...]
    digest: Digest | None = None
    size: int | None = None
    member: str | None = None

    def __post_init__(self) -> None:
        # a name from a table must not lead out of the cache, nor to its hidden files
        if not re.fullmatch(r"\w[\w.+-]*", validate.string("name", self.name)):
            raise ValueError(
                "`name` must be a plain file name of letters, digits and `._+-`. "
                f"{validate.received('name', self.name)}"
            )
        if not self.urls or not all(re.match("https?://", url) for url in self.urls):
            raise ValueError(
                "`urls` must hold at least one address, each http:// or https://. "
                f"{validate.received('urls', self.urls)}"
            )
        if self.size is not None:
            validate.positive_int("size", self.size)
