"""Which networks torchvision and timm have too, as data: `torch_peers.json`.

A row of the file is a key map, the `options` of our constructors (those that are not the default),
the names that these nets have in the other libraries, and what the other library must be told to
build the same graph. Where it computes some of our dense layers as convolutions, `convolutions` is
a regular expression of their names there. Where the expression of a rule in a key map lists
several names for a module, torchvision's is the first one and timm's the last.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_FILE = Path(__file__).with_name("torch_peers.json")


@dataclass(frozen=True)
class TorchPeer:
    """A network of ours, and what it is in torchvision or timm.

    Args:
        model: Our registry name.
        options: Of our constructor, those that are not the default.
        name: `"torchvision/<name>"` or `"timm/<name>"`.
        peer_options: Of the other library's constructor.
        key_map: The name of the key map.
        convolutions: A regular expression of modules that are convolutions there and dense layers
            here.
    """

    model: str
    options: Mapping[str, Any]
    name: str
    peer_options: Mapping[str, Any]
    key_map: str
    convolutions: str = ""

    @property
    def alternative(self) -> int:
        """Which of the names of a module in a key map is the library's, see `find_key`."""
        return -1 if self.name.startswith("timm/") else 0


@cache
def torch_peers() -> tuple[TorchPeer, ...]:
    """All networks that torchvision or timm has too, in the order of the file."""
    return tuple(
        TorchPeer(
            model=model,
            options=MappingProxyType(row.get("options", {})),
            name=name,
            peer_options=MappingProxyType(row.get("peer_options", {})),
            key_map=row["key_map"],
            convolutions=row.get("convolutions", ""),
        )
        for row in json.loads(_FILE.read_text(encoding="utf-8"))
        for model, names in row["nets"].items()
        for name in names
    )
