"""Stores torchvision's logits, for the parity tests; run once, where torch and torchvision are.

    python tests/goldens/store_torch_references.py

The weights follow from `tests/torch_weights.py`; only shapes of tensors and logits are stored.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import torch_weights  # noqa: E402

NETS = {"resnet18": "resnet18", "resnet50": "resnet50", "resnext50": "resnext50_32x4d"}
SIZES = (96, 75)  # an even size, where wrong padding shows, and an odd one


def main() -> None:
    """Writes `torchvision.json` (shapes by key) and `torchvision.npz` (logits)."""
    shapes, logits = {}, {}
    for ours, theirs in NETS.items():
        net = torchvision.models.get_model(theirs, weights=None).eval()
        shapes[ours] = {key: list(value.shape) for key, value in net.state_dict().items()}
        state = torch_weights.fill(shapes[ours])
        net.load_state_dict({key: torch.from_numpy(value) for key, value in state.items()})
        for size in SIZES:
            image = torch.from_numpy(torch_weights.image(size).transpose(0, 3, 1, 2).copy())
            with torch.no_grad():
                logits[f"{ours}_{size}"] = net(image).numpy()
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
    nets = ",\n".join(f"{json.dumps(net)}: {json.dumps(table)}" for net, table in shapes.items())
    text = f'{{"source": {json.dumps(versions)}, "shapes": {{\n{nets}\n}}}}\n'
    (HERE / "torchvision.json").write_text(text)
    np.savez_compressed(HERE / "torchvision.npz", **logits)
    for name, value in logits.items():
        print(name, value.shape, f"{value.min():.3f} .. {value.max():.3f}")


if __name__ == "__main__":
    main()
