"""Images that are in memory already, as NumPy arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_classic_cnns.core import validate
from keras_classic_cnns.data.source import Source


def from_arrays(
    images: Any,
    labels: Any,
    class_names: Sequence[str] | None = None,
    *,
    mirror: bool = True,
    name: str = "arrays",
    split: str = "train",
) -> Source:
    """Takes images and labels that are in memory.

    Args:
        images: uint8 in 0..255, `(examples, height, width)` or
            `(examples, height, width, channels)` with 1 (grey) or 3 (RGB) channels.
        labels: Integers, `(examples,)`, in `[0, classes)`.
        class_names: The name of every class. Default: the numbers up to the largest label; give
            the names where some class may have no image.
        mirror: Whether a mirrored image still shows its class; false for digits and letters.
        name: What messages call these images.
        split: What messages call this part of them.

    Returns:
        The `Source`.

    Raises:
        ValueError: Shapes do not fit, there are no images, or a label is none of the classes.
        TypeError: Images are not uint8, or labels not integers.

    Example:
        >>> import numpy as np
        >>> source = from_arrays(np.zeros((6, 8, 8), "uint8"), [0, 1] * 3, ("cat", "dog"))
        >>> source.num_examples, source.labels
        (6, ('cat', 'dog'))
    """
    pixels = _checked_images(np.asarray(images))
    classes = _checked_labels(np.asarray(labels), len(pixels))
    validate.boolean("mirror", mirror)
    if class_names is None:  # with a negative label alone there is one, and the error below
        class_names = [str(number) for number in range(max(int(classes.max()), 0) + 1)]
    names = class_list("class_names", class_names)
    outside = np.flatnonzero((classes < 0) | (classes >= len(names)))
    if outside.size:
        first = outside[0]
        raise ValueError(
            f"Labels must be in 0 to {len(names) - 1}, one for each class; {outside.size} are not. "
            f"{validate.received(f'labels[{first}]', int(classes[first]))}"
        )
    return Source(
        name=validate.string("name", name),
        split=validate.string("split", split),
        dataset=tf.data.Dataset.from_tensor_slices((pixels, classes)),
        num_examples=len(pixels),
        labels=names,
        mirror=mirror,
        in_memory=True,
    )


def class_list(argument: str, names: Any) -> tuple[str, ...]:
    """Checks class names: some strings, each once.

    Args:
        argument: Its name, for the message.
        names: What was given.
    """
    if isinstance(names, str) or not isinstance(names, Sequence | np.ndarray) or not len(names):
        raise ValueError(
            f"`{argument}` must be a sequence of the names of the classes. "
            f"{validate.received(argument, names)}"
        )
    checked = tuple(validate.string(argument, str(name)) for name in names)
    twice = sorted({name for name in checked if checked.count(name) > 1})
    if twice:
        raise ValueError(
            f"`{argument}` must name each class once. {validate.received(argument, twice)}"
        )
    return checked


def _checked_images(images: np.ndarray) -> np.ndarray:
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise ValueError(
            "`images` must be (examples, height, width) or (examples, height, width, channels), "
            "with one example at least and 1 or 3 channels, channels last. "
            f"{validate.received('images.shape', images.shape)}"
        )
    if images.dtype != np.uint8:
        how = {
            "f": "Of floats in 0 to 1, np.rint(255 * images).astype('uint8') makes them, of floats "
            "in 0 to 255 np.rint(images).astype('uint8'). ",
            "b": "255 * images.astype('uint8') makes them of black and white. ",
        }.get(images.dtype.kind, "Of integers in 0 to 255, images.astype('uint8') makes them. ")
        raise TypeError(
            "`images` must be uint8, in 0 to 255: the pipelines scale them as each model wants "
            f"them. {how}{validate.received('images.dtype', images.dtype.name)}"
        )
    return images


def _checked_labels(labels: np.ndarray, examples: int) -> np.ndarray:
    if labels.ndim != 1:
        how = ""
        if labels.ndim == 2:
            is_column = labels.shape[1] == 1
            how = "labels[:, 0]" if is_column else "Of one-hot rows, labels.argmax(axis=1)"
            how += " makes them. "
        raise ValueError(
            "`labels` must have one dimension, an integer for each image. "
            f"{how}{validate.received('labels.shape', labels.shape)}"
        )
    if len(labels) != examples:
        raise ValueError(
            f"`labels` must be as many as there are images, {examples}. "
            f"{validate.received('len(labels)', len(labels))}"
        )
    if labels.dtype.kind not in "iu":
        how = "np.unique(labels, return_inverse=True) makes names and integers of strings. "
        raise TypeError(
            "`labels` must be integers, the numbers of the classes from 0 on. "
            f"{how if labels.dtype.kind in 'US' else ''}"
            f"{validate.received('labels.dtype', labels.dtype.name)}"
        )
    return labels.astype(np.int64)
