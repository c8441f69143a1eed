"""Folders of image files: `root/split/class/image.jpg` as in TFDS, or `root/class/image.jpg`."""

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.data.decoding import SUFFIXES, decode_image
from keras_classic_cnns.data.pipeline import parallel_map
from keras_classic_cnns.data.source import Source, shuffled

_log = logging.getLogger(__name__)

# The split that a folder without folders for splits is.
WHOLE = "train"


def is_written_as_path(name: str) -> bool:
    """Whether a name can be nothing but a path: `/...`, `~...`, `./...` or `../...`."""
    return name.startswith((os.sep, "~", "." + os.sep, ".." + os.sep)) or name in (".", "..")


def load_folder(name: str, split: str, *, seed: int | None = None, shuffle: bool = False) -> Source:
    """Opens a folder of images; see `data.load`.

    Args:
        name: The path of the folder.
        split: A split, as in `"train"`, `"train[:90%]"`, `"train+test"`.
        seed: Of the order, where it is shuffled.
        shuffle: Whether the images come in an order drawn from `seed`. Otherwise the classes take
            turns, so that every part of a split has its share of each.

    Returns:
        The `Source`; its images have 3 channels.

    Raises:
        MissingDataError: There is no such folder.
        ValueError: The folder holds no images, or its splits have different classes, or there is
            no such split.
    """
    root = _root(name)
    splits, classes = _scan(name, root)
    images = _select(name, split, splits)
    if shuffle:
        images = shuffled(images, seed)
    _log.info("%s, %s: %d images of %d classes", name, split, len(images), len(classes))
    _tell_others(name, split, images)
    _warn_of_empty(name, split, images, classes)
    names = [str(path.relative_to(root)) for path in images]
    numbers = {label: number for number, label in enumerate(classes)}
    labels = np.array([numbers[path.parent.name] for path in images], np.int64)
    files = tf.data.Dataset.from_tensor_slices((list(map(str, images)), labels, names))
    encoded = parallel_map(files, lambda path, label, name: (tf.io.read_file(path), label, name))

    def decode(content: tf.Tensor) -> tf.Tensor:
        return decode_image(content, 3)

    return Source(
        name=name,
        split=split,
        dataset=parallel_map(encoded, lambda content, label, _: (decode(content), label)),
        num_examples=len(images),
        labels=tuple(classes),
        encoded=encoded,
        decode=decode,
    )


def folder_splits(name: str) -> tuple[str, ...]:
    """The splits of a folder that hold images, sorted by name.

    Args:
        name: The path of the folder.
    """
    splits, _ = _scan(name, _root(name))
    return tuple(sorted(split for split, images in splits.items() if images))


def _root(name: str) -> Path:
    root = Path(name).expanduser()
    if not root.is_dir():
        raise errors.MissingDataError(
            f"There is no such folder of images. {validate.received('name', name)}"
        )
    return root


def _scan(name: str, root: Path) -> tuple[dict[str, list[Path]], list[str]]:
    """The images of every split, in the order that `_ordered` gives them, and the classes."""
    folders = _folders(root)
    holds_images = [folder for folder in folders if _images(folder)]
    holds_folders = [folder for folder in folders if _folders(folder)]
    if holds_images and holds_folders:
        raise ValueError(
            "A folder of images must be laid out as split/class/image.jpg or, without splits, as "
            f"class/image.jpg. In this one {holds_images[0].name}/ holds images and "
            f"{holds_folders[0].name}/ holds folders. {validate.received('name', name)}"
        )
    by_split = {folder.name: _folders(folder) for folder in holds_folders}
    if holds_images:
        by_split = {WHOLE: folders}
    splits = {
        split: {folder.name: _images(folder) for folder in classes}
        for split, classes in by_split.items()
    }
    if not any(images for classes in splits.values() for images in classes.values()):
        raise ValueError(
            "The folder holds no images. They must lie in it as split/class/image.jpg or, without "
            f"splits, as class/image.jpg, and end in {', '.join(SUFFIXES)}. "
            f"{validate.received('name', name)}"
        )
    _check_classes(name, splits)
    ordered = {split: _ordered(classes) for split, classes in splits.items()}
    return ordered, sorted({label for classes in splits.values() for label in classes})


def _folders(folder: Path) -> list[Path]:
    return sorted(item for item in folder.iterdir() if item.is_dir() and _is_shown(item))


def _images(folder: Path) -> list[Path]:
    return [
        item
        for item in folder.iterdir()
        if item.suffix.lower() in SUFFIXES and _is_shown(item) and item.is_file()
    ]


def _is_shown(path: Path) -> bool:
    return not path.name.startswith(".")


def _check_classes(name: str, splits: dict[str, dict[str, Any]]) -> None:
    known = {label for classes in splits.values() for label in classes}
    lacking = {split: sorted(known - set(classes)) for split, classes in splits.items()}
    parts = [
        f"{split}/ lacks {_listed(labels)}" for split, labels in sorted(lacking.items()) if labels
    ]
    if parts:
        raise ValueError(
            f"All splits must have the same classes, and {'; '.join(parts)}, which another split "
            "has. A class without images in a split is an empty folder. "
            f"{validate.received('name', name)}"
        )


def _listed(labels: list[str]) -> str:
    more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
    return ", ".join(labels[:5]) + more


def _tell_others(name: str, split: str, images: list[Path]) -> None:
    others = sorted(
        item.name
        for folder in {path.parent for path in images}
        for item in folder.iterdir()
        if _is_shown(item) and item.suffix.lower() not in SUFFIXES
    )
    if others:
        ends = ", ".join(SUFFIXES)
        _log.warning(
            "%s, %s: ignored files that do not end in %s: %d (%s)",
            *(name, split, ends, len(others), _listed(others)),
        )


def _warn_of_empty(name: str, split: str, images: list[Path], classes: list[str]) -> None:
    empty = sorted(set(classes) - {path.parent.name for path in images})
    if empty:
        _log.warning("%s, %s: no images of %s", name, split, _listed(empty))


def _ordered(classes: dict[str, list[Path]]) -> list[Path]:
    """All images of a split in an order that is no one's choice, the classes taking turns.

    Each class is put in the order of a hash of its file names, and spread evenly over the split:
    any part of it, such as the last tenth, has its share of every class.
    """
    places = []
    for number, label in enumerate(sorted(classes)):
        images = sorted(classes[label], key=_hash)
        places += [((i + 0.5) / len(images), number, path) for i, path in enumerate(images)]
    return [path for *_, path in sorted(places)]


def _hash(path: Path) -> bytes:
    return hashlib.sha256(path.name.encode()).digest()


def _select(name: str, split: str, splits: dict[str, list[Path]]) -> list[Path]:
    """The images of a split in TFDS's syntax."""
    import tensorflow_datasets as tfds

    parts = tfds.core.splits
    infos = {
        key: parts.SplitInfo(name=key, shard_lengths=[len(images)], num_bytes=0)
        for key, images in splits.items()
    }
    try:
        slices = parts.ReadInstruction.from_spec(split).to_absolute(infos)
        images = [path for part in slices for path in splits[part.splitname][part.from_ : part.to]]
    except (ValueError, AssertionError) as error:
        raise no_examples(
            name, split, {key: len(value) for key, value in splits.items()}
        ) from error
    if not images:
        raise no_examples(name, split, {key: len(value) for key, value in splits.items()})
    return images


def no_examples(name: str, split: str, counts: dict[str, int]) -> ValueError:
    """The error for a split that is unknown, empty or miswritten.

    Args:
        name: The set.
        split: What was asked for.
        counts: How many examples each split has.
    """
    parts = ", ".join(f"{key} ({count})" for key, count in sorted(counts.items()))
    return ValueError(
        f"The set {name!r} has no examples in this split. Its splits are {parts}; parts of "
        f"them are written train[:90%] or train[100:200], sums train+test. "
        f"{validate.received('split', split)}"
    )
