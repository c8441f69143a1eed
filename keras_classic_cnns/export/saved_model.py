"""Writes a classifier as a SavedModel for TensorFlow Serving: raw pixels in, named classes out."""

import errno
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_classic_cnns.application.auxiliary import without_aux
from keras_classic_cnns.application.classifier import Head, read_head
from keras_classic_cnns.core import validate
from keras_classic_cnns.export import warmup as warmup_requests
from keras_classic_cnns.export.check import INPUT, SIGNATURES, check, versions
from keras_classic_cnns.preprocessing import Preprocessing, get_mode, preprocess
from keras_classic_cnns.weights import preprocessing_for

_LAST_VERSION = 2**63 - 1  # TensorFlow Serving keeps versions as int64


def saved_model(
    model: keras.Model,
    path: str | os.PathLike,
    *,
    preprocessing: str | Preprocessing | None = None,
    labels: Sequence[str] | None = None,
    top: int = 5,
    version: int | None = None,
    warmup: bool = False,
) -> Path:
    """Exports a classifier to `path/<version>/` for TensorFlow Serving.

    There are two signatures, `serving_default` (float32) and `serve_uint8` (uint8). Both take
    one input `image` of shape `(batch, height, width, channels)` with the raw pixels, 0..255,
    in RGB and any batch size (height and width are free where they are free in the model);
    preprocessing happens inside the graph. Both return

    | output          | dtype   | shape             |                                        |
    |-----------------|---------|-------------------|----------------------------------------|
    | `probabilities` | float32 | `(batch, classes)`| of every class                         |
    | `classes`       | int64   | `(batch, top)`    | the most probable classes, best first  |
    | `labels`        | string  | `(batch, top)`    | their names                            |
    | `scores`        | float32 | `(batch, top)`    | their probabilities                    |

    A softmax is added where the model ends in logits (a linear last layer). A sigmoid head stays
    as it is: its probabilities are independent and need not sum to 1. The graph is that of
    inference (no dropout, no auxiliary heads, moving statistics in batch normalization), needs
    neither Keras nor this package, and holds every variable once (`model.export` stores each one
    twice).

    The version is written into a hidden folder inside `path`, checked (see `check`) and only
    then given its number: a server that watches `path` never sees half a model, and a failed
    export leaves nothing behind.

    Args:
        model: A Functional or built Sequential classifier with one image input; also one with a
            mixed-precision policy, or built under a distribution strategy.
        path: A local folder, made where it is missing; it holds the versions of this model.
        preprocessing: How the model expects its pixels: `"caffe"`, `"tf"`, `"torch"`, `"raw"`
            (as they are), `"lenet"`, or a `keras_classic_cnns.preprocessing.Preprocessing`.
            Default: that of its weights, as `keras_classic_cnns.preprocessing_for` knows it.
        labels: The name of every class, in the order of the outputs. Default: `"0"`, `"1"`, ...
        top: How many classes `classes`, `labels` and `scores` hold, at least 1; at most all.
        version: The number of the folder, 0 to 2**63 - 1. Default: one more than the highest
            version there is, or 1. A version that exists is never overwritten.
        warmup: Whether to add requests that TensorFlow Serving replays on loading, so that the
            first user does not wait; needs tensorflow-serving-api and a fixed image size.

    Returns:
        The folder written, `path/<version>`.

    Raises:
        TypeError, ValueError: An argument does not fit; the message names it.
        UnsupportedModelError: The model is no such classifier, or holds layers that only XLA
            can run, such as `keras.layers.Conv2D(groups=2)`.
        FileExistsError: The version exists.

    Example:
        >>> import tempfile
        >>> import keras_classic_cnns as kcc
        >>> folder = kcc.export.saved_model(kcc.LeNet5(), tempfile.mkdtemp(), top=3)
        >>> folder.name, kcc.export.check(folder)["classes"]
        ('1', 10)
    """
    model = without_aux(model)
    head = read_head(model)
    mode = (
        preprocessing_for(model)
        if preprocessing is None
        else get_mode(preprocessing, "preprocessing")
    )
    labels = _labels(labels, head.classes)
    top = min(validate.positive_int("top", top), head.classes)
    if validate.boolean("warmup", warmup):
        _check_fixed_size(model)
    base = _base(path)
    _check_version(base, version)
    _check_backend()

    module, signatures = _serving_module(model, mode, head, labels, top)
    base.mkdir(parents=True, exist_ok=True)
    # Not a number, so TensorFlow Serving does not look at it
    with tempfile.TemporaryDirectory(dir=base, prefix=".writing-") as scratch:
        # one level down: TemporaryDirectory is private to its owner, which a server may not be
        stage = Path(scratch) / "model"
        tf.saved_model.save(module, str(stage), signatures=signatures)
        if warmup:
            warmup_requests.write_requests(stage, model.name, model.inputs[0].shape[1:])
        check(stage)
        return _publish(stage, base, version)


def _serving_module(
    model: keras.Model, mode: Preprocessing, head: Head, labels: tuple[str, ...], top: int
) -> tuple[tf.Module, dict[str, Any]]:
    """A module that owns the variables, and its signatures."""
    shape = (None, *model.inputs[0].shape[1:])

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, INPUT)], autograph=False)
    def serve(image):
        (outputs,) = tf.nest.flatten(model(preprocess(image, mode), training=False))
        probabilities = tf.cast(outputs, tf.float32)
        if head.logits:
            probabilities = tf.nn.softmax(probabilities)
        scores, classes = tf.math.top_k(probabilities, k=top)
        return {
            "probabilities": probabilities,
            "scores": scores,
            "classes": tf.cast(classes, tf.int64),
            "labels": tf.gather(tf.constant(labels), classes),
        }

    # calls the first one, so that the graph of the model is traced and stored once
    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8, INPUT)], autograph=False)
    def serve_uint8(image):
        return serve(tf.cast(image, tf.float32))

    functions = (serve.get_concrete_function(), serve_uint8.get_concrete_function())
    module = tf.Module()
    # The bare variables that the graph reads: the model itself would bring its optimizer along
    module.weights = list(functions[0].variables)
    return module, dict(zip(SIGNATURES, functions, strict=True))


def _labels(labels: Sequence[str] | None, classes: int) -> tuple[str, ...]:
    if labels is None:
        return tuple(str(index) for index in range(classes))
    if isinstance(labels, str | bytes) or not all(isinstance(label, str) for label in labels):
        raise TypeError(
            f"`labels` must be a sequence of strings. {validate.received('labels', labels)}"
        )
    if len(labels) != classes:
        raise ValueError(
            f"`labels` must name every one of the {classes} classes. "
            f"{validate.received('len(labels)', len(labels))}"
        )
    return tuple(labels)


def _check_fixed_size(model: keras.Model) -> None:
    shape = tuple(model.inputs[0].shape)
    if None in shape[1:]:
        raise ValueError(
            "`warmup` needs a model with a fixed image size, since its requests hold an image. "
            f"{validate.received('model.input_shape', shape)}"
        )


def _base(path: str | os.PathLike) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"`path` must be a path. {validate.received('path', path)}")
    if "://" in str(path):
        raise ValueError(
            "`path` must be a local folder, since only there a finished version can appear at "
            f"once; copy it from there. {validate.received('path', str(path))}"
        )
    base = Path(path)
    if base.exists() and not base.is_dir():
        raise NotADirectoryError(
            f"`path` must be a folder, but is a file. {validate.received('path', str(path))}"
        )
    return base


def _check_version(base: Path, version: int | None) -> None:
    if version is None:
        return
    validate.integer("version", version, minimum=0, maximum=_LAST_VERSION)
    if version in versions(base):
        _refuse_version(base, version)


def _refuse_version(base: Path, version: int) -> None:
    raise FileExistsError(
        f"This version exists in {str(base)!r} and is not overwritten; leave `version` out for "
        f"the next one. {validate.received('version', version)}"
    )


def _check_backend() -> None:
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise RuntimeError(
            "A SavedModel holds a TensorFlow graph: export with KERAS_BACKEND=tensorflow. "
            f"{validate.received('keras.backend.backend()', backend)}"
        )


def _publish(stage: Path, base: Path, version: int | None) -> Path:
    """Gives the finished folder its number; another export may have taken one meanwhile."""
    while True:
        number = max(versions(base), default=0) + 1 if version is None else int(version)
        try:
            os.rename(stage, base / str(number))
            return base / str(number)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            if version is not None:
                _refuse_version(base, version)
