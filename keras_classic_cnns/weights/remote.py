"""A weights file that somebody publishes: where it is, and how to tell that it is the right one."""

from dataclasses import dataclass

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
