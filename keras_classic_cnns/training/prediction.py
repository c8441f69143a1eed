"""Classes for image files, from a run, a `.keras` file or an exported SavedModel."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_classic_cnns import data
from keras_classic_cnns.application.classifier import read_head
from keras_classic_cnns.core import validate
from keras_classic_cnns.data import augment
from keras_classic_cnns.export.check import find_saved_model
from keras_classic_cnns.export.serving import load_served
from keras_classic_cnns.preprocessing import decode_predictions
from keras_classic_cnns.training.jobs import PredictSettings
from keras_classic_cnns.training.loading import load_trained

# A model takes an image file's pixels and returns the best (class, label, probability).
Classes = list[tuple[int, str, float]]
Classifier = Callable[[np.ndarray], Classes]


@dataclasses.dataclass(frozen=True)
class ImagePrediction:
    """What a model sees in an image file.

    Args:
        image: The file.
        classes: The most probable classes, best first, as `(class, label, probability)`; empty
            where the file could not be read.
        error: Why it could not, or `None`.
    """

    image: str
    classes: Classes
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The same in the types of JSON."""
        keys = ("class", "label", "probability")
        classes = [dict(zip(keys, found, strict=True)) for found in self.classes]
        return {"image": self.image, "classes": classes, "error": self.error}

    def __str__(self) -> str:
        if self.error:
            return f"{self.image}\n  not read: {self.error}"
        width = max(len(label) for _, label, _ in self.classes)
        lines = (f"  {share:7.2%}  {label:<{width}}" for _, label, share in self.classes)
        return "\n".join([self.image, *(line.rstrip() for line in lines)])


def predict(settings: PredictSettings) -> list[ImagePrediction]:
    """Predicts the classes of image files.

    A SavedModel runs whatever graph it holds, so give only those that you trust; a `.keras` file
    is read in Keras's safe mode.

    Args:
        settings: Which model on which files.

    Returns:
        A prediction for each file, in order. A file that cannot be read has its `error` set;
        the others are predicted all the same.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: No images were given, or a setting does not fit.
    """
    if not settings.images:
        raise ValueError(
            "Give one image file at least. " + validate.received("images", settings.images)
        )
    classify = _classifier(settings)
    return [_predict_file(image, classify) for image in settings.images]


def _predict_file(image: str, classify: Classifier) -> ImagePrediction:
    try:
        pixels = data.decode_image_file(image)
    except (OSError, ValueError) as error:
        return ImagePrediction(image, [], str(error))
    return ImagePrediction(image, classify(pixels))


def _classifier(settings: PredictSettings) -> Classifier:
    saved = find_saved_model(Path(settings.path))
    return _saved_model(saved, settings) if saved else _keras_model(settings)


def _keras_model(settings: PredictSettings) -> Classifier:
    trained = load_trained(
        settings.path,
        checkpoint=settings.checkpoint,
        preprocessing=settings.preprocessing,
        labels=settings.labels,
    )
    is_logits = read_head(trained.model).logits

    def classify(pixels: np.ndarray) -> Classes:
        image = data.prepare_image(
            pixels,
            image_size=trained.image_size,
            channels=trained.channels,
            preprocessing=trained.preprocessing,
            crop_fraction=trained.crop_fraction,
        )
        shares = trained.model.predict_on_batch(image[None])
        if is_logits:
            shares = keras.ops.convert_to_numpy(keras.ops.softmax(shares))
        (best,) = decode_predictions(shares, settings.top, trained.labels)
        return [(int(index), label, share) for index, label, share in best]

    return classify


def _saved_model(path: Path, settings: PredictSettings) -> Classifier:
    for name in ("preprocessing", "labels"):
        if getattr(settings, name) is not None:
            raise ValueError(
                f"A SavedModel brings its own {name}; leave it out. "
                f"{validate.received(name, getattr(settings, name))}"
            )
    serve = load_served(path)
    height, width, channels = serve.structured_input_signature[1]["image"].shape[1:]

    def classify(pixels: np.ndarray) -> Classes:
        image = augment.match_channels(keras.ops.convert_to_tensor(pixels), channels)
        if height and width:
            image = augment.fit(image, image_size=(height, width), channels=channels)
        outputs = {key: value.numpy() for key, value in serve(image=image[None]).items()}
        found = zip(outputs["classes"][0], outputs["labels"][0], outputs["scores"][0], strict=True)
        classes = [(int(index), label.decode(), float(share)) for index, label, share in found]
        return classes[: settings.top]

    return classify
