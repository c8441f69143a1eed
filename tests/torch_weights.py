"""A state dict of any torchvision net, filled by a rule, so that no weights need to be stored.

Both sides use it: `goldens/store_torch_references.py` fills torchvision's net and stores its
logits; `conformance/test_parity.py` fills ours and compares. NumPy only.
"""

import hashlib
import re

import numpy as np


def fill(shapes: dict[str, list[int]]) -> dict[str, np.ndarray]:
    """Draws each tensor from a generator seeded by its name.

    Args:
        shapes: Shape by key, as in a torch state dict.

    Returns:
        Float32 arrays. Scales keep the activations of a deep net near one.
    """
    return {key: _draw(key, tuple(shape)) for key, shape in shapes.items()}


def image(size: int) -> np.ndarray:
    """Two images `(2, size, size, 3)`, scaled as a network sees them."""
    return _random(f"image {size}").standard_normal((2, size, size, 3)).astype("float32")


def to_ours(key: str) -> tuple[str, str] | None:
    """The layer and variable of ours that a key of torchvision's residual nets belongs to.

    Returns:
        `(layer name, variable name)`, or `None` for the counter of batches.
    """
    if key.endswith("num_batches_tracked"):
        return None
    module, parameter = key.rsplit(".", 1)
    if module == "fc":
        return "predictions", {"weight": "kernel", "bias": "bias"}[parameter]
    layer = re.sub(r"^layer(\d+)\.(\d+)\.", _block, module)
    layer = re.sub(r"^(conv|bn)1$", r"stem_\1", layer)
    layer = layer.replace("downsample.0", "shortcut_conv").replace("downsample.1", "shortcut_bn")
    names = {
        "weight": "kernel" if "conv" in layer else "gamma",
        "bias": "beta",
        "running_mean": "moving_mean",
        "running_var": "moving_variance",
    }
    return layer, names[parameter]


def load(model, state: dict[str, np.ndarray]) -> None:
    """Sets every weight of a residual net from a torch state dict, each exactly once."""
    targets = {
        (layer.name, weight.name): weight for layer in model.layers for weight in layer.weights
    }
    for key, value in state.items():
        place = to_ours(key)
        if place is not None:
            axes = {4: (2, 3, 1, 0), 2: (1, 0)}.get(value.ndim)
            targets.pop(place).assign(value.transpose(axes) if axes else value)
    assert not targets, f"not set: {sorted(targets)}"


def _block(match: re.Match) -> str:
    return f"stage{match[1]}_block{int(match[2]) + 1}_"


def _random(name: str) -> np.random.RandomState:
    # RandomState, since its streams are frozen for all versions of NumPy
    return np.random.RandomState(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))


def _draw(key: str, shape: tuple[int, ...]) -> np.ndarray:
    noise = _random(key).standard_normal(shape)
    if key.endswith("running_var"):
        value = 1 + 0.3 * np.abs(noise)
    elif key.endswith("weight") and len(shape) == 1:
        value = 0.5 + 0.1 * noise
    elif key.endswith("weight"):
        value = noise * np.sqrt(2 / np.prod(shape[1:]))
    else:
        value = 0.1 * noise
    return np.asarray(value, "float32")
