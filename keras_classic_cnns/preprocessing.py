"""How raw pixels (0..255) become what a network was trained on, as records.

Every mode is `(x - mean) / std` per channel, after an optional swap of RGB to BGR, with mean and
std in units of the raw 0..255 pixels. The names are those of `keras.applications`, plus `"raw"`
and `"lenet"`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_classic_cnns.core import validate


@dataclass(frozen=True)
class Preprocessing:
    """One way to scale pixels.

    Args:
        name: What the record is called in errors and files.
        mean: Subtracted, per channel in the order the network sees, in 0..255 units.
        std: Divided by, likewise; each is greater than 0.
        reverse_channels: Whether RGB turns into BGR first.

    Raises:
        TypeError: A value is of another type.
        ValueError: The name is empty, mean or std are not three finite numbers, or a std is not
            greater than 0.
    """

    name: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    reverse_channels: bool = False

    def __post_init__(self) -> None:
        validate.string("name", self.name)
        object.__setattr__(self, "mean", _three("mean", self.mean))
        object.__setattr__(self, "std", _three("std", self.std))
        if min(self.std) <= 0:
            raise ValueError(f"`std` must be greater than 0. {validate.received('std', self.std)}")
        validate.boolean("reverse_channels", self.reverse_channels)

    def __call__(self, x: Any) -> Any:
        """Preprocesses images; see `preprocess`."""
        return preprocess(x, self)


def _three(name: str, values: Any) -> tuple[float, float, float]:
    if not isinstance(values, tuple | list) or len(values) != 3:
        raise ValueError(f"`{name}` must be three numbers. {validate.received(name, values)}")
    return tuple(validate.number(name, value) for value in values)


MODES = {
    mode.name: mode
    for mode in (
        # Caffe's networks: BGR, the mean of ImageNet subtracted, not scaled
        Preprocessing("caffe", (103.939, 116.779, 123.68), (1.0, 1.0, 1.0), reverse_channels=True),
        # TensorFlow's Inception line: -1..1
        Preprocessing("tf", (127.5, 127.5, 127.5), (127.5, 127.5, 127.5)),
        # torchvision: mean and deviation of ImageNet
        Preprocessing("torch", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
        Preprocessing("raw", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        # LeNet-5 (1998): background (0) becomes -0.1, ink (255) becomes 1.175
        Preprocessing("lenet", (20.0, 20.0, 20.0), (200.0, 200.0, 200.0)),
    )
}


def get_mode(mode: str | Preprocessing, argument: str = "mode") -> Preprocessing:
    """The record behind a mode's name; a record is returned as it is.

    Args:
        mode: A name of `MODES`, or a record.
        argument: What the caller calls it, for the message.

    Raises:
        ValueError: There is no mode of that name.
    """
    if isinstance(mode, Preprocessing):
        return mode
    return MODES[validate.one_of(argument, mode, MODES)]


def preprocess(x: Any, mode: str | Preprocessing) -> Any:
    """Scales raw pixels as a network expects them.

    Args:
        x: Images, `(..., height, width, channels)` with 1 or 3 channels, or any number where the
            mode scales all alike, and values in 0..255:
            a NumPy array, a tensor (also of a `tf.data` graph) or a `KerasTensor`.
        mode: `"caffe"`, `"tf"`, `"torch"`, `"raw"`, `"lenet"`, or a `Preprocessing`. For one
            channel mean and std are those of the three channels, averaged.

    Returns:
        An array or tensor of the same shape; whole numbers become float32, floats keep their
        dtype. The caller's array is never changed.

    Raises:
        TypeError: `x` is no array or tensor.
        ValueError: The mode is unknown, or there are neither 1 nor 3 channels and the mode scales
            each of three in its own way.

    Example:
        >>> preprocess(np.array([[[0, 255, 127.5]]]), "tf").tolist()
        [[[-1.0, 1.0, 0.0]]]
    """
    record = get_mode(mode)
    if not hasattr(x, "shape") or not hasattr(x, "dtype"):
        raise TypeError(
            "`x` must be an array or a tensor; numpy.stack makes one of a list of images. "
            f"{validate.received('x', type(x).__name__)}"
        )
    channels = x.shape[-1] if x.shape else None
    mean, std = np.asarray(record.mean), np.asarray(record.std)
    is_uniform = len(set(record.mean)) == len(set(record.std)) == 1
    if channels is None or not is_uniform:
        validate.one_of("channels", channels, (1, 3))
    if channels != 3:
        mean, std = mean.mean(keepdims=True), std.mean(keepdims=True)
    elif record.reverse_channels:
        x = x[..., ::-1]
    x, dtype = _as_float(x)
    return (x - mean.astype(dtype)) / std.astype(dtype)


def preprocess_input_for(mode: str) -> Callable[..., Any]:
    """Makes a family's `preprocess_input(x, data_format=None)`, as in `keras.applications`.

    Args:
        mode: A name of `MODES`.
    """

    def preprocess_input(x: Any, data_format: str | None = None) -> Any:
        validate.one_of("data_format", data_format, (None, "channels_last"))
        return preprocess(x, mode)

    preprocess_input.__doc__ = f"""Scales raw pixels for the networks of this family.

    Args:
        x: Images, `(..., height, width, channels)`, RGB (or one channel), values in 0..255;
            never changed in place.
        data_format: `None` or `"channels_last"`.

    Returns:
        The scaled images: mode `"{mode}"` of `keras_classic_cnns.preprocessing`.
    """
    return preprocess_input


def decode_predictions(
    preds: Any, top: int = 5, labels: tuple[str, ...] | None = None
) -> list[list[tuple[str, str, float]]]:
    """Names the most probable classes of a batch of predictions.

    Args:
        preds: `(batch, classes)`.
        top: How many classes to name, at most `classes`.
        labels: The name of every class. By default the 1,000 classes of ImageNet, whose names
            Keras downloads once and keeps.

    Returns:
        For each sample a list of `(id, name, score)`, best first. The id is ImageNet's
        WordNet id, or the class index where `labels` are given.

    Raises:
        ValueError: `preds` is not `(batch, classes)`, or does not fit the labels.

    Example:
        >>> decode_predictions(np.array([[0.1, 0.7, 0.2]]), top=1, labels=("ant", "bee", "cat"))
        [[('1', 'bee', 0.7)]]
    """
    preds = np.asarray(preds)
    validate.integer("top", top, minimum=1)
    classes = 1000 if labels is None else len(labels)
    if preds.ndim != 2 or preds.shape[1] != classes:
        raise ValueError(
            f"`preds` must be of shape (batch, {classes}), a probability for each class"
            f"{' of ImageNet' if labels is None else ' of `labels`'}. "
            f"{validate.received('preds.shape', preds.shape)}"
        )
    if labels is None:
        from keras.applications import imagenet_utils

        return imagenet_utils.decode_predictions(preds, top=top)
    best = np.argsort(-preds, axis=1, kind="stable")[:, :top]
    return [
        [(str(i), labels[i], float(scores[i])) for i in indices]
        for indices, scores in zip(best, preds, strict=True)
    ]


def _as_float(x: Any) -> tuple[Any, str]:
    """`x` in a float dtype, and that dtype's name; works in and outside of graphs."""
    if isinstance(x, np.ndarray):
        dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.dtype("float32")
        return x.astype(dtype), dtype.name
    from keras import backend, ops

    dtype = backend.standardize_dtype(x.dtype)
    if not dtype.startswith(("float", "bfloat")):
        dtype = "float32"
        x = ops.cast(x, dtype)
    # NumPy knows no bfloat16 by name; its constants are exact enough in float32 there
    return (x, dtype) if dtype != "bfloat16" else (ops.cast(x, "float32"), "float32")
