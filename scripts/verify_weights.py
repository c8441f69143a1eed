r"""Measures public weights on ImageNet, and compares with the accuracy that was published.

    python scripts/verify_weights.py --model=resnet50 --data=imagenet2012
    python scripts/verify_weights.py --model=googlenet --option=variant=bn --data=imagenet/val

Images are prepared as the catalog says for these weights: the short side is resized, with
antialiasing as in Pillow, and the centre cut out and scaled. The data are a TFDS set that is on
disk, or a folder with a folder of image files for each class. Folders with the WordNet ids of all
1,000 classes are in the order of the classifier; for others `--classes_file` tells it.
"""

import dataclasses
import math
import re
import runpy
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

# Sets TensorFlow's switches before it is imported, as the commands do; runs no command.
runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")))

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

import keras_classic_cnns as kcc  # noqa: E402
from keras_classic_cnns import cli, data  # noqa: E402
from keras_classic_cnns.application.auxiliary import without_aux  # noqa: E402
from keras_classic_cnns.core import validate  # noqa: E402
from keras_classic_cnns.core.validate import received  # noqa: E402
from keras_classic_cnns.data.central_crop import central_crop  # noqa: E402
from keras_classic_cnns.data.pipeline import parallel_map  # noqa: E402
from keras_classic_cnns.training.evaluation import count  # noqa: E402
from keras_classic_cnns.training.settings import (  # noqa: E402
    Settings,
    at_least,
    model_options,
    path_name,
    setting,
    words,
)
from keras_classic_cnns.weights import catalog  # noqa: E402

IMAGES = (".jpeg", ".jpg", ".png", ".bmp", ".gif", ".webp")


@dataclasses.dataclass(frozen=True)
class VerifySettings(Settings):
    """Settings of this script."""

    model: str = setting("The network, by its name in `list`.", check=validate.string)
    weights: str = setting(
        "The name of public weights.", catalog.DEFAULT_TAG, check=validate.string
    )
    option: tuple[str, ...] = setting(
        "An option of the model, as name=value (variant=bn); may be given again.", (), check=words
    )
    data: str = setting(
        "A TFDS set that is on disk (imagenet2012), or a folder that has a folder of image files "
        "for each class.",
        check=validate.string,
    )
    split: str | None = setting(
        "The split, in TFDS syntax: validation, validation[:1000]; of a folder, a folder in it.",
        None,
        check=validate.string,
        absent="validation; of a folder, the folder itself",
    )
    data_dir: str | None = setting(
        "Where the TFDS sets lie.", None, check=path_name, absent="TFDS's own folder"
    )
    classes_file: str | None = setting(
        "A text file with the name of every class in the order of the classifier, the first word "
        "of each line. Data may then have some of the classes only.",
        None,
        check=path_name,
        absent="WordNet ids are sorted; a TFDS set has its own order",
    )
    batch_size: int = setting("Images a step.", 64, check=at_least(1))
    tolerance: float = setting(
        "How far the accuracy may be from the published one, in percent points.",
        0.3,
        check=lambda name, value: validate.number(name, value, minimum=0.0),
    )


def main(words: Sequence[str] | None = None) -> int:
    """Runs the script.

    Args:
        words: The command line; by default that of the process.

    Returns:
        0 where the accuracy is the published one or none was published, 1 where it is another or
        something else went wrong, 2 for a wrong command line.
    """
    summary = "Measures public weights on ImageNet, and compares with the published accuracy."
    command = cli.Command(VerifySettings, run, summary)
    return cli.run_command(command, sys.argv[1:] if words is None else words, "verify_weights.py")


@dataclasses.dataclass(frozen=True)
class Images:
    """Labelled images, prepared for weights of the catalog.

    Args:
        where: What they are, for messages.
        number: How many they are.
        classes: How many classes they are of.
        batches: `batches(n)` gives, `n` at a time, images `(n, size, size, 3)` of whole numbers in
            0..255, and class indices `(n,)`.
    """

    where: str
    number: int
    classes: int
    batches: Callable[[int], Iterator[tuple[np.ndarray, np.ndarray]]]


def run(settings: VerifySettings) -> int:
    """Measures what the settings say, prints it, and returns the exit code."""
    spec = kcc.get_spec(settings.model)
    options = model_options(settings.option, spec.options)
    entry = catalog.find(spec.name, settings.weights, options)
    images = open_images(settings, entry)  # before anything is downloaded
    model = kcc.get_model(
        spec.name,
        weights=settings.weights,
        input_shape=(entry.size, entry.size, 3),
        classes=entry.classes,
        **options,
    )
    print(f"{entry.graph}, {entry.tag!r}: {entry.source}")
    print(
        f"{images.where}: {images.number:,} images of {images.classes} classes; short side "
        f"{entry.resize}, {entry.interpolation}, centre {entry.size}, scaled as "
        f"{entry.preprocessing.name!r}",
        flush=True,
    )
    batches = _scaled(images, entry, settings.batch_size)
    _, confusion, within5 = count(without_aux(model), batches, images.where)
    right = {"top-1": int(np.trace(confusion)), "top-5": within5}
    return _compare(right, images, entry, settings.tolerance)


def _scaled(images: Images, entry: catalog.Entry, batch_size: int) -> Iterator:
    bar = keras.utils.Progbar(images.number, unit_name="image", verbose=int(sys.stdout.isatty()))
    for pixels, labels in images.batches(batch_size):
        yield entry.preprocessing(pixels), labels
        bar.add(len(labels))


def _compare(
    right: dict[str, int | None], images: Images, entry: catalog.Entry, tolerance: float
) -> int:
    """Prints measured and published accuracy; returns the exit code."""
    published = {"top-1": entry.top1, "top-5": entry.top5}
    differences = []
    print("        measured  published  difference")
    for name, number in right.items():
        if number is None:  # there are five classes or fewer
            continue
        measured, known = 100 * number / images.number, published[name]
        row = f"{name}  {measured:9.3f}%"
        if known is not None:
            differences.append(abs(measured - known))
            row += f"  {known:8.3f}%  {measured - known:+10.3f}"
        print(row)
    share = right["top-1"] / images.number
    error = 100 * math.sqrt(share * (1 - share) / images.number)
    print(f"The standard error of top-1 on so many images is {error:.2f} points.")
    if images.classes < entry.classes:
        print(f"A published figure is over all {entry.classes} classes.")
    if not differences:
        print("No accuracy is published for these weights, so there is nothing to compare with.")
        return 0
    print(f"Published by: {entry.accuracy_source}.{f' {entry.notes}' if entry.notes else ''}")
    is_within = max(differences) <= tolerance + 1e-9
    print(f"{'Within' if is_within else 'NOT within'} the tolerance of {tolerance:g} points.")
    return 0 if is_within else 1


def open_images(settings: VerifySettings, entry: catalog.Entry) -> Images:
    """Opens the data of the settings.

    Args:
        settings: What to read.
        entry: The weights that the images are prepared for.

    Raises:
        MissingDataError: A TFDS set is not on this disk.
        ValueError: There is no such data, or which classes they are of is not known.
    """
    if Path(settings.data).is_dir():
        return _open_folder(settings, entry)
    split = settings.split or "validation"
    source = data.load(settings.data, split, data_dir=settings.data_dir)
    classes = class_indices(source.labels, entry.classes, settings.classes_file)

    def batches(size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        prepared = parallel_map(
            source.dataset, lambda image, label: (_prepare(image, entry), label)
        )
        for images, labels in prepared.batch(size).prefetch(tf.data.AUTOTUNE).as_numpy_iterator():
            yield images, np.where(labels < 0, labels, classes[labels])  # some sets hide theirs

    return Images(f"{source.name}, {split}", source.num_examples, len(classes), batches)


def _open_folder(settings: VerifySettings, entry: catalog.Entry) -> Images:
    folder = Path(settings.data, settings.split or "")
    if not folder.is_dir():
        raise ValueError(
            f"There is no such folder in {settings.data}. {received('split', settings.split)}"
        )
    paths = sorted(p for p in folder.glob("[!.]*/[!.]*") if p.suffix.lower() in IMAGES)
    names = sorted({path.parent.name for path in paths})
    if not names:
        raise ValueError(
            "A folder of data must hold a folder for each class, with image files "
            f"({', '.join(IMAGES)}) in it. {received('data', str(folder))}"
        )
    has_order = settings.classes_file or all(re.fullmatch(r"n\d{8}", name) for name in names)
    if not has_order:
        raise ValueError(
            "The folders are not named by WordNet ids, so --classes_file must say which class of "
            f"the classifier each one is. {received('data', str(folder))}"
        )
    classes = class_indices(names, entry.classes, settings.classes_file)
    label_of = dict(zip(names, classes.tolist(), strict=True))

    def batches(size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        with ThreadPoolExecutor() as pool:
            for start in range(0, len(paths), size):
                some = paths[start : start + size]
                images = pool.map(lambda p: _prepare(data.decode_image_file(p), entry), some)
                labels = [label_of[path.parent.name] for path in some]
                yield np.stack([image.numpy() for image in images]), np.array(labels)

    return Images(str(folder), len(paths), len(classes), batches)


def class_indices(names: Sequence[str], number: int, file: str | None) -> np.ndarray:
    """Where the classes of data are in a classifier.

    Args:
        names: Their names, in the order of their labels.
        number: How many classes the classifier has.
        file: A text file with the name of each of these, the first word of a line; `None` where
            the data have the same classes in the same order.

    Returns:
        The index of each name, `(len(names),)`.

    Raises:
        ValueError: Names and classifier do not fit.
    """
    if file is None:
        if len(names) != number:
            raise ValueError(
                f"The data have {len(names)} classes and the classifier {number}, so "
                f"--classes_file must name these in order. {received('classes_file', file)}"
            )
        return np.arange(number)
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    known = [line.split()[0] for line in lines if line.strip()]
    if len(known) != number or len(set(known)) != number:
        raise ValueError(
            f"The file must name {number} different classes, one a line, and names "
            f"{len(set(known))} in {len(known)} lines. {received('classes_file', file)}"
        )
    if unknown := [name for name in names if name not in known]:
        raise ValueError(
            f"The file does not name these classes of the data: {', '.join(unknown[:5])}"
            f"{', ...' if len(unknown) > 5 else ''}. {received('classes_file', file)}"
        )
    return np.array([known.index(name) for name in names])


def _prepare(image: Any, entry: catalog.Entry) -> tf.Tensor:
    return central_crop(
        image, size=entry.size, resize=entry.resize, interpolation=entry.interpolation
    )


if __name__ == "__main__":
    sys.exit(main())
