"""`digits`: the handwritten digits that scikit-learn bundles, as a TFDS set; needs no network."""

import contextlib
import io
import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from keras_classic_cnns.core import errors, validate

NAME = "digits"
TEST_EXAMPLES = 360
SPLIT_SEED = 0

_DESCRIPTION = """\
1,797 images of handwritten digits, 8x8 pixels in 17 shades of grey, collected by E. Alpaydin and
C. Kaynak and bundled with scikit-learn. Shades 0..16 are scaled to 0..255. The 360 test images
are drawn with a fixed seed so that every digit has its share.
"""
_CITATION = """\
@misc{alpaydin1998optdigits, author = {Alpaydin, E. and Kaynak, C.}, year = {1998},
title = {Optical Recognition of Handwritten Digits}, publisher = {UCI Machine Learning Repository}}
"""


class Digits(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of `digits`: 1,437 training and 360 test images.

    Importing this module registers it, so that `tfds.load("digits")` works too once it has been
    prepared.

    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "1,437 training and 360 test images."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1), encoding_format="png"),
                    "label": tfds.features.ClassLabel(names=[str(digit) for digit in range(10)]),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        images, labels = read_bundle()
        train, test = split_indices(labels)
        return {
            "train": self._generate_examples(images, labels, train),
            "test": self._generate_examples(images, labels, test),
        }

    def _generate_examples(
        self, images: np.ndarray, labels: np.ndarray, indices: np.ndarray
    ) -> Iterator[tuple[int, dict]]:
        for index in indices:
            yield int(index), {"image": images[index], "label": int(labels[index])}


def read_bundle() -> tuple[np.ndarray, np.ndarray]:
    """Reads the digits out of scikit-learn.

    Returns:
        Images, `(1797, 8, 8, 1)` uint8 in 0..255, and labels, `(1797,)` int64 in 0..9.

    Raises:
        MissingDataError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise errors.MissingDataError(
            "The set 'digits' is made from the images that scikit-learn bundles, and scikit-learn "
            "is not installed. `pip install keras-classic-cnns[demo]` brings it. "
            f"{validate.received('name', NAME)}"
        ) from error
    shades, labels = load_digits(return_X_y=True)
    pixels = np.rint(shades * (255 / 16)).astype(np.uint8)
    return pixels.reshape(-1, 8, 8, 1), labels.astype(np.int64)


def split_indices(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits example indices into training and test, each class by its share, with a fixed seed.

    Args:
        labels: The class of every example, `(examples,)`.

    Returns:
        Indices of the training and of the test examples, sorted.
    """
    # RandomState is NumPy's frozen stream: the split stays the same in every release
    random = np.random.RandomState(SPLIT_SEED)
    classes, counts = np.unique(labels, return_counts=True)
    shares = counts * (TEST_EXAMPLES / len(labels))
    quota = np.floor(shares).astype(int)
    # the rest of the rounding goes to the classes with the largest remainders
    quota[np.argsort(quota - shares, kind="stable")[: TEST_EXAMPLES - quota.sum()]] += 1
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:share]
        for label, share in zip(classes, quota, strict=True)
    ]
    test = np.sort(np.concatenate(chosen))
    return np.setdiff1d(np.arange(len(labels)), test), test


def prepare(data_dir: str | None = None) -> Path:
    """Writes the set as TFRecords where it is not there yet.

    Several processes may do this at once: each writes a folder of its own, the first to finish
    puts it in place, and the others take that one.

    Args:
        data_dir: The folder of TFDS sets; by default that of TFDS (`~/tensorflow_datasets`, or
            the environment variable `TFDS_DATA_DIR`).

    Returns:
        The folder of the prepared set.

    Raises:
        MissingDataError: scikit-learn is not installed, or the folder cannot be written.
    """
    builder = Digits(data_dir=data_dir)
    folder = Path(builder.data_path)
    if folder.exists():  # whether it is complete is checked by the reader, as for any set
        return folder
    logging.getLogger(__name__).info("Preparing digits in %s", folder)
    try:
        with _without_chatter(), _own_names():
            builder.download_and_prepare(
                download_config=tfds.download.DownloadConfig(try_download_gcs=False)
            )
    except OSError as error:
        # losing the race against another process shows as "directory not empty"
        if Digits(data_dir=data_dir).is_prepared():
            return folder
        raise errors.MissingDataError(
            f"The set 'digits' cannot be prepared in {folder}: {error}. Choose a `data_dir` that "
            f"can be written. {validate.received('data_dir', data_dir)}"
        ) from error
    return folder


@contextlib.contextmanager
def _own_names() -> Iterator[None]:
    """Lets TFDS, which names its temporary folders by `random`, draw names that no seed repeats.

    Else processes of one seed would write into the same folder.
    """
    state = random.getstate()
    random.seed()
    try:
        yield
    finally:
        random.setstate(state)


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Hides TFDS's progress bars and its line about a download that does not happen.

    What goes wrong still shows: it is raised, not printed.
    """
    hidden = io.StringIO()
    with contextlib.redirect_stdout(hidden), contextlib.redirect_stderr(hidden):
        yield
