"""Images a second from files to batches: ours against hand-written tf.data, Keras and torchvision.

All read the same folder of JPEGs, crop at random, resize to the same size, mirror every second
image, and give normalised float32 batches; `keras.utils.image_dataset_from_directory` has no
random crop, and resizes the whole image. torchvision's loader runs in a Python that has torch.

    python benchmarks/input_pipeline.py --torch_python=/path/to/python
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import keras
import numpy as np
import tensorflow as tf

from benchmarks import timing
from keras_classic_cnns import data, preprocessing

WORKER = pathlib.Path(__file__).with_name("torch_images.py")
CLASSES = 4
HEIGHT, WIDTH, QUALITY = 375, 500, 90  # as ImageNet's are, about

Measure = Callable[[], tuple[float, float]]


def write_images(folder: pathlib.Path, count: int) -> int:
    """Writes crops of photographs as JPEGs, a folder a class; returns the mean size in bytes."""
    photos = photographs()
    random = np.random.default_rng(0)
    sizes = []
    for number in range(count):
        photo = photos[number % len(photos)]
        height, width = photo.shape[:2]
        scale = random.uniform(0.7, 1) * min(height / HEIGHT, width / WIDTH)
        tall, wide = int(scale * HEIGHT), int(scale * WIDTH)
        top, left = random.integers(height - tall + 1), random.integers(width - wide + 1)
        crop = photo[top : top + tall, left : left + wide]
        pixels = tf.image.resize(crop, (HEIGHT, WIDTH), method="bicubic", antialias=True)
        pixels = tf.saturate_cast(tf.round(pixels), tf.uint8)
        content = tf.io.encode_jpeg(pixels, quality=QUALITY).numpy()
        path = folder / f"class_{number % CLASSES}" / f"{number:04}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        sizes.append(len(content))
    return round(statistics.mean(sizes))


def photographs() -> list[np.ndarray]:
    """The photos that scikit-learn has, and scikit-image where it is installed."""
    from sklearn.datasets import load_sample_images

    photos = list(load_sample_images().images)
    try:
        from skimage import data as samples
    except ImportError:
        return photos
    return [*photos, *(getattr(samples, name)() for name in ("astronaut", "chelsea", "coffee"))]


def measured(batches: tf.data.Dataset, batch: int) -> Measure:
    """A function that reads a dataset once: images a second, processor's seconds an image."""

    def measure() -> tuple[float, float]:
        start, before = time.perf_counter(), time.process_time()
        images = batch * sum(1 for _ in batches)
        seconds = time.perf_counter() - start
        return images / seconds, (time.process_time() - before) / images

    return measure


def ours(folder: pathlib.Path, flags: argparse.Namespace, **kwargs) -> tf.data.Dataset:
    return data.train_batches(
        data.load(str(folder), "train"),
        image_size=(flags.size, flags.size),
        channels=3,
        preprocessing="torch",
        batch_size=flags.batch,
        augment=("random_resized_crop", "flip"),
        seed=0,
        epochs=flags.epochs,
        **kwargs,
    )


def plain(folder: pathlib.Path, flags: argparse.Namespace, *, uint8: bool) -> tf.data.Dataset:
    """What one writes by hand: fused decode and crop, neither repeatable nor tolerant."""
    paths = sorted(str(path) for path in folder.glob("train/*/*.jpg"))
    names = sorted({pathlib.Path(path).parent.name for path in paths})
    labels = [names.index(pathlib.Path(path).parent.name) for path in paths]
    size = (flags.size, flags.size)

    def load(path: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        content = tf.io.read_file(path)
        start, extent, _ = tf.image.sample_distorted_bounding_box(
            tf.io.extract_jpeg_shape(content),
            bounding_boxes=tf.constant([[[0.0, 0.0, 1.0, 1.0]]]),
            min_object_covered=0.0,
            aspect_ratio_range=(3 / 4, 4 / 3),
            area_range=(0.08, 1.0),
            max_attempts=10,
        )
        window = tf.concat([start[:2], extent[:2]], axis=0)
        image = tf.image.decode_and_crop_jpeg(content, window, channels=3)
        image = tf.image.resize(image, size, antialias=True)
        if uint8:
            image = tf.saturate_cast(tf.round(image), tf.uint8)
        return tf.image.random_flip_left_right(image), label

    return (
        tf.data.Dataset.from_tensor_slices((paths, labels))
        .shuffle(len(paths))
        .repeat(flags.epochs)
        .map(load, num_parallel_calls=tf.data.AUTOTUNE)
        .batch(flags.batch, drop_remainder=True)
        .map(_normalised, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )


def keras_loader(folder: pathlib.Path, flags: argparse.Namespace) -> tf.data.Dataset:
    """Keras's own: whole images, resized."""
    batches = keras.utils.image_dataset_from_directory(
        folder / "train",
        batch_size=None,
        image_size=(flags.size, flags.size),
        seed=0,
        verbose=False,
    )
    return (
        batches.repeat(flags.epochs)
        .map(
            lambda image, label: (tf.image.random_flip_left_right(image), label),
            num_parallel_calls=tf.data.AUTOTUNE,
        )
        .batch(flags.batch, drop_remainder=True)
        .map(_normalised, num_parallel_calls=tf.data.AUTOTUNE)
        .prefetch(tf.data.AUTOTUNE)
    )


def _normalised(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return preprocessing.preprocess(images, "torch"), labels


class TorchWorker:
    """A process of another Python that reads the folder with torchvision when asked."""

    def __init__(self, folder: pathlib.Path, flags: argparse.Namespace):
        counts = (flags.batch, flags.size, flags.epochs, len(os.sched_getaffinity(0)))
        self.process = subprocess.Popen(
            [flags.torch_python, WORKER, folder / "train", *map(str, counts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.versions = self.process.stdout.readline().strip()

    def measure(self) -> tuple[float, float]:
        print(file=self.process.stdin, flush=True)
        rate, seconds = map(float, self.process.stdout.readline().split())
        return rate, seconds

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def report(folder: pathlib.Path, flags: argparse.Namespace) -> None:
    """Measures all in turn and prints a table, ours first."""
    datasets = {
        "keras_classic_cnns": ours(folder, flags),
        "the same, `deterministic=False`": ours(folder, flags, deterministic=False),
        "tf.data by hand": plain(folder, flags, uint8=False),
        "tf.data by hand, uint8 until the batch": plain(folder, flags, uint8=True),
        "keras.utils.image_dataset_from_directory": keras_loader(folder, flags),
    }
    candidates = {name: measured(batches, flags.batch) for name, batches in datasets.items()}
    worker = TorchWorker(folder, flags) if flags.torch_python else None
    if worker:
        print(worker.versions)
        candidates["torchvision, DataLoader"] = worker.measure
    results = timing.interleave({**candidates, "gemm": timing.gemm_rate}, flags.runs)
    if worker:
        worker.close()
    print(f"GEMM {timing.spread(results.pop('gemm'), 0)} GFLOP/s\n")
    rates, costs = ({name: [r[i] for r in runs] for name, runs in results.items()} for i in (0, 1))
    rows = [
        [
            name,
            timing.spread(rates[name], 0),
            f"{_ratio(rates['keras_classic_cnns'], rates[name]):.2f}",
            timing.spread([1e3 * seconds for seconds in costs[name]], 2),
            f"{_ratio(costs[name], costs['keras_classic_cnns']):.2f}",
        ]
        for name in results
    ]
    timing.print_table(
        ["loader", "images/s", "ours / this", "CPU-ms an image", "this / ours"], rows
    )


def _ratio(above: list[float], below: list[float]) -> float:
    """The median of the ratios of the rounds: a round is over before the machine changes."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=256, help="files in the folder")
    parser.add_argument("--epochs", type=int, default=40, help="times that a run reads them all")
    parser.add_argument("--batch", type=int, default=64, help="images a batch")
    parser.add_argument("--size", type=int, default=224, help="height and width of the result")
    parser.add_argument("--runs", type=int, default=5, help="interleaved rounds")
    timing.add_torch_python(parser)
    flags = parser.parse_args()
    timing.print_machine()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "train").mkdir()
        size = write_images(folder / "train", flags.images)
        print(
            f"{flags.images} JPEGs of {WIDTH} x {HEIGHT}, {size} bytes, read {flags.epochs} times "
            f"a run, to {flags.size} x {flags.size}, batch {flags.batch}, {flags.runs} runs"
        )
        report(folder, flags)


if __name__ == "__main__":
    main()
