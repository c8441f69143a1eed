"""Stores logits of other libraries for the parity tests; run once, where these are installed.

    python tests/goldens/store_torch_references.py resnet vgg

Each name is a file `tests/goldens/parity/<name>.json`, a list of nets; see `torch_weights.Peer`.
The weights follow from `tests/torch_weights.py`: only shapes of tensors and logits are stored,
beside the list, in `<name>.shapes.json` and `<name>.npz`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pytorchcv.model_provider
import timm
import torch
import torchvision

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import torch_weights  # noqa: E402

# torchvision's name of an output, and what its key ends with
ENDINGS = {"logits": "", "aux_logits": "_aux1", "aux_logits1": "_aux1", "aux_logits2": "_aux2"}


def peer(case: torch_weights.Peer) -> torch.nn.Module:
    """Builds the other library's net, with random weights."""
    library, name = case.peer.split("/")
    if library == "torchvision":
        net = torchvision.models.get_model(name, weights=None, **case.peer_options)
    elif library == "timm":
        net = timm.create_model(name, pretrained=False, **case.peer_options)
    else:
        net = pytorchcv.model_provider.get_model(name, pretrained=False, **case.peer_options)
    return net.eval()


def logits(net: torch.nn.Module, image: np.ndarray) -> dict[str, np.ndarray]:
    """What a net says of images `(batch, height, width, 3)`, by the ending of the key it gets.

    The key of the classifier gets none, that of an auxiliary head its name with us.
    """
    with torch.no_grad():
        outputs = net(torch.from_numpy(image.transpose(0, 3, 1, 2).copy()))
    heads = {"": outputs} if isinstance(outputs, torch.Tensor) else outputs._asdict()
    return {ENDINGS.get(head, head): tensor.numpy() for head, tensor in heads.items()}


def store(name: str) -> None:
    """Writes shapes and logits of one list of nets."""
    shapes, stored = {}, {}
    for case in torch_weights.peers(name):
        net = peer(case)
        shapes[case.peer] = {key: list(value.shape) for key, value in net.state_dict().items()}
        state = torch_weights.fill(shapes[case.peer], case.gain)
        net.load_state_dict({key: torch.from_numpy(value) for key, value in state.items()})
        # torchvision shows auxiliary heads in training only; the layers stay in inference mode
        net.training = bool(case.options.get("aux_heads"))
        for size in case.sizes:
            for ending, value in logits(net, torch_weights.image(size)).items():
                stored[f"{case}_{size}{ending}"] = value
        if case.train_size:
            net.train().to(getattr(torch, case.train_dtype))
            for module in net.modules():
                if isinstance(module, torch.nn.Dropout):
                    module.p = 0.0
            image = torch_weights.image(case.train_size, batch=8).astype(case.train_dtype)
            stored[f"{case}_train"] = logits(net, image)[""].astype("float32")
    lines = {net: json.dumps(table, separators=(",", ":")) for net, table in shapes.items()}
    tables = ",\n".join(f" {json.dumps(net)}: {line}" for net, line in lines.items())
    folder = HERE / "parity"
    (folder / f"{name}.shapes.json").write_text(f"{{\n{tables}\n}}\n")
    np.savez_compressed(folder / f"{name}.npz", **stored)
    for key, value in stored.items():
        print(key, value.shape, f"{value.min():.3f} .. {value.max():.3f}")


def main() -> None:
    """Stores the lists named on the command line."""
    print(
        "torch", torch.__version__, "torchvision", torchvision.__version__, "timm", timm.__version__
    )
    for name in sys.argv[1:]:
        store(name)


if __name__ == "__main__":
    main()
