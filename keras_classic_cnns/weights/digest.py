"""Digests that publishers give for their files, and how each is computed."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.core import validate

# How many hexadecimal digits each kind has; of a prefix at least so many
_DIGITS = {"sha256": 64, "sha256_prefix": 8, "sha1": 40, "md5": 32, "git_blob": 40}


@dataclass(frozen=True)
class Digest:
    """What a file must hash to.

    Args:
        kind: `"sha256"`, `"sha256_prefix"` (torchvision publishes 8 digits of it), `"sha1"`,
            `"md5"`, or `"git_blob"`, the name that Git gives a file.
        value: Lower-case hexadecimal digits.
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

    def start(self, size: int) -> Any:
        """A hash object, to be fed the file; `size` in bytes is known before, and Git needs it."""
        if self.kind == "git_blob":
            return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        if self.kind in ("sha1", "md5"):
            return hashlib.new(self.kind, usedforsecurity=False)
        return hashlib.sha256()

    def matches(self, hasher: Any) -> bool:
        """Whether what a hash object was fed is the file."""
        return hasher.hexdigest().startswith(self.value)

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"
