"""Reads a folder of images with torchvision for `input_pipeline.py`, in the Python that has torch.

It answers every line it reads with the images a second and the processor's seconds an image that
one pass over the folder took, its worker processes included.

    python benchmarks/torch_images.py FOLDER BATCH SIZE EPOCHS WORKERS
"""

import os
import sys
import time

import torch
import torchvision
from torchvision import transforms


def loader(folder: str, batch: int, size: int, epochs: int, workers: int):
    """ImageFolder with the random-resized crop and the flip, in worker processes."""
    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(size),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    images = torchvision.datasets.ImageFolder(folder, transform)
    several = torch.utils.data.ConcatDataset([images] * epochs)
    return torch.utils.data.DataLoader(
        several, batch_size=batch, shuffle=True, num_workers=workers, drop_last=True
    )


def main() -> None:
    folder, (batch, size, epochs, workers) = sys.argv[1], map(int, sys.argv[2:])
    batches = loader(folder, batch, size, epochs, workers)
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
    print(f"{versions}, {workers} workers", flush=True)
    for _ in sys.stdin:
        start, before = time.perf_counter(), os.times()
        images = sum(len(labels) for _, labels in batches)
        seconds, after = time.perf_counter() - start, os.times()
        # user and system time of this process and of the workers, which have ended
        print(
            images / seconds, sum(after[:4][i] - before[i] for i in range(4)) / images, flush=True
        )


if __name__ == "__main__":
    main()
