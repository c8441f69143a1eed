"""Runs a torchvision network for `models.py`, in the Python that has torch.

It builds the network twice, in torch's default memory format and in channels_last, then answers
every line it reads, such as `train default`, with the seconds that this took.

    python benchmarks/torch_worker.py resnext50_32x4d 8 224
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import torch
import torchvision

from benchmarks import timing

AT_LEAST = 1.0  # seconds of calls in a run; models.py has the same
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
FORMATS = {"default": torch.contiguous_format, "channels_last": torch.channels_last}


class Network:
    """A network, one batch of noise, and what can be timed."""

    def __init__(self, name: str, batch: int, size: int, memory_format: torch.memory_format):
        model = torchvision.models.get_model(name, weights=None)
        self.model = model.to(DEVICE, memory_format=memory_format)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3, momentum=0.9)
        images = torch.rand(batch, 3, size, size, device=DEVICE)
        self.images = images.to(memory_format=memory_format)
        self.labels = torch.arange(batch, device=DEVICE) % 1000

    def train(self) -> None:
        self.model.train()
        self.optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.model(self.images), self.labels)
        loss.backward()
        self.optimizer.step()
        loss.item()

    def forward(self) -> None:
        self.model.eval()
        with torch.inference_mode():
            self.model(self.images).cpu()  # which waits for a GPU, as predict does


def main() -> None:
    name, batch, size = sys.argv[1], *map(int, sys.argv[2:4])
    networks = {key: Network(name, batch, size, value) for key, value in FORMATS.items()}
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}, {DEVICE}", flush=True)
    for line in sys.stdin:
        work, memory_format = line.split()
        call = getattr(networks[memory_format], work)
        print(timing.seconds(call, at_least=AT_LEAST), flush=True)


if __name__ == "__main__":
    main()
