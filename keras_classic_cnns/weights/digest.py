"""Digests that publishers give for their files, and how each is computed."""

import hashlib
import os
import re
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.core import validate

# How many hexadecimal digits each kind has; of a prefix at least so many
_DIGITS = {"sha256": 64, "sha256_prefix": 8, "sha1": 40, "md5": 32, "git_blob": 40}
_CHUNK = 2**20


class WrongBytesError(Exception):
    """Bytes are not those of the file that is wanted."""


@dataclass(frozen=True)
class Digest:
    """What a file must hash to.

    Args:
        kind: `"sha256"`, `"sha256_prefix"` (torchvision publishes 8 digits of it), `"sha1"`,
            `"md5"`, or `"git_blob"`, the name that Git gives a file.
        value: Lower-case hexadecimal digits.

    Example:
        >>> checksum = Checksum(Digest("sha256_prefix", "2cf24dba"), size=5)
        >>> checksum.update(b"hello")
        >>> checksum.matches()
        True
    """

    kind: str
    value: str

    def __post_init__(self) -> None:
        digits = _DIGITS[validate.one_of("kind", self.kind, _DIGITS)]
        exact = digits == len(self.value) or (
            self.kind == "sha256_prefix" and digits <= len(self.value) < 64
        )
        if not exact or not re.fullmatch("[0-9a-f]+", self.value):
            raise ValueError(
                f"`value` must be {digits} lower-case hexadecimal digits for {self.kind!r}. "
                f"{validate.received('value', self.value)}"
            )

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Checksum:
    """The SHA-256 of bytes as they come, and beside it the digest that was published for them.

    Args:
        digest: What the bytes should hash to; `None` where nobody published it.
        size: How many bytes will come; only Git's digest needs it, since it begins with the size.
    """

    def __init__(self, digest: Digest | None, size: int | None = None) -> None:
        self._digest = digest
        self._sha256 = hashlib.sha256()
        self._published = self._sha256 if digest is None else self._start(digest.kind, size)

    def update(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        self._sha256.update(chunk)
        if self._published is not self._sha256:
            self._published.update(chunk)

    def update_from(self, path: str | os.PathLike) -> None:
        """Takes the bytes of a file."""
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                self.update(chunk)

    @property
    def sha256(self) -> Digest:
        """The full SHA-256 of what came."""
        return Digest("sha256", self._sha256.hexdigest())

    @property
    def received(self) -> str:
        """What came, in the kind of the digest that was published."""
        kind = "sha256" if self._published is self._sha256 else self._digest.kind
        return f"{kind}:{self._published.hexdigest()}"

    def matches(self) -> bool:
        """Whether what came hashes to the digest; true where there is none."""
        value = "" if self._digest is None else self._digest.value
        return self._published.hexdigest().startswith(value)

    def _start(self, kind: str, size: int | None) -> Any:
        if kind == "git_blob":
            return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        if kind in ("sha1", "md5"):
            return hashlib.new(kind, usedforsecurity=False)
        return self._sha256


def hash_file(path: str | os.PathLike, digest: Digest | None = None) -> Checksum:
    """The checksum of a file.

    Args:
        path: The file.
        digest: What it should hash to; `None` for the SHA-256 alone.
    """
    checksum = Checksum(digest, os.path.getsize(path))
    checksum.update_from(path)
    return checksum
