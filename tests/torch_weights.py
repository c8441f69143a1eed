"""A state dict of any torch net, filled by a rule, so that no weights need to be stored.

Both sides use it: `goldens/store_torch_references.py` fills the net of torchvision or timm and
stores its logits; `conformance/test_parity.py` fills ours and compares. NumPy only.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

PARITY = Path(__file__).parent / "goldens" / "parity"


@dataclass(frozen=True)
class Peer:
    """A net of ours and its twin in torchvision or timm; an entry of `goldens/parity/*.json`.

    Args:
        ours: Our registry name.
        peer: `"torchvision/<name>"`, `"timm/<name>"` or `"pytorchcv/<name>"`.
        key_map: The file of `keras_classic_cnns/weights/key_maps`.
        sizes: Heights and widths, in pixels, that are compared: an even one, where wrong padding
            shows, and an odd one.
        options: Of our constructor.
        peer_options: Of theirs.
        train_size: The size that is compared in training mode, with a batch of eight; none if 0.
        train_dtype: `"float64"` where rounding grows from layer to layer until it drowns the rest.
        gain: The mean of the gammas. Where it is too small for a deep net without shortcuts, the
            image is lost on its way to the logits, and a wrong net would have the same ones.
        exhaustive: Whether only `make test-all` compares it: a deeper net of the same code.
    """

    ours: str
    peer: str
    key_map: str
    sizes: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    peer_options: dict[str, Any] = field(default_factory=dict)
    train_size: int = 0
    train_dtype: str = "float32"
    gain: float = 0.5
    exhaustive: bool = False

    def __str__(self) -> str:
        options = (f"{key}={value}" for key, value in self.options.items())
        return "-".join([self.ours, self.peer.replace("/", "-"), *options])


def peers(name: str) -> list[Peer]:
    """The nets of `goldens/parity/<name>.json`."""
    return [Peer(**entry) for entry in json.loads((PARITY / f"{name}.json").read_text())]


def all_peers() -> dict[str, list[Peer]]:
    """The nets of every list, by its name."""
    files = (file for file in sorted(PARITY.glob("*.json")) if ".shapes" not in file.suffixes)
    return {file.stem: peers(file.stem) for file in files}


def shapes(name: str, peer: str) -> dict[str, list[int]]:
    """Shape by key of a net of a list."""
    return json.loads((PARITY / f"{name}.shapes.json").read_text())[peer]


def fill(table: dict[str, list[int]], gain: float = 0.5) -> dict[str, np.ndarray]:
    """Draws each tensor from a generator seeded by its name.

    Args:
        table: Shape by key, as in a torch state dict.
        gain: The mean of the gammas.

    Returns:
        Float32 arrays. Scales keep the activations of a deep net near one.
    """
    return {key: _draw(key, tuple(shape), gain) for key, shape in table.items()}


def image(size: int, batch: int = 2) -> np.ndarray:
    """Images `(batch, size, size, 3)`, scaled as a network sees them.

    Each has a brightness and a contrast of its own: noise of one kind has the same mean
    everywhere, and after global pooling all images would look alike.
    """
    noise = _random(f"image {size}").standard_normal((batch, size, size, 3))
    brightness, contrast = np.linspace([-1, 0.5], [1, 1.5], batch).T[:, :, None, None, None]
    return (brightness + contrast * noise).astype("float32")


def _random(name: str) -> np.random.RandomState:
    # RandomState, since its streams are frozen for all versions of NumPy
    return np.random.RandomState(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


def _draw(key: str, shape: tuple[int, ...], gain: float) -> np.ndarray:
    noise = _random(key).standard_normal(shape)
    if key.endswith("running_var"):
        value = 1 + 0.3 * np.abs(noise)
    elif key.endswith("weight") and len(shape) == 1:
        value = gain + 0.1 * noise
    elif key.endswith("weight"):
        value = noise * np.sqrt(2 / np.prod(shape[1:]))
    else:
        value = 0.1 * noise
    return np.asarray(value, "float32")
