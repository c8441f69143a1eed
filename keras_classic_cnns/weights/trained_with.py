"""How a living model wants its images: as its weights were trained, or as its family is."""

import weakref
from typing import Any

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.preprocessing import MODES, Preprocessing
from keras_classic_cnns.registry import spec_of

_trained_with: weakref.WeakKeyDictionary[Any, Preprocessing] = weakref.WeakKeyDictionary()


def remember_preprocessing(model: Any, preprocessing: Preprocessing) -> None:
    """Notes how the images were scaled that the weights of a model come from.

    Args:
        model: A model.
        preprocessing: The record.
    """
    _trained_with[model] = preprocessing


def preprocessing_for(model: Any) -> Preprocessing:
    """How a model wants its images.

    Args:
        model: A model of this package.

    Returns:
        The record that belongs to its public weights, or that of its family where it has none: a
        function of images in 0..255. A model that was saved and reloaded has that of its family.

    Raises:
        TypeError: `model` is not a `keras.Model`.
        ValueError: It does not carry the name of an architecture of this package.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> preprocessing_for(ResNet20()).name
        'torch'
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    if model in _trained_with:
        return _trained_with[model]
    spec = spec_of(model)
    if spec is None:
        raise ValueError(
            "This model does not carry the name of an architecture of this package and its input "
            f"'image', so its preprocessing is not known. {validate.received('model', model.name)}"
        )
    return MODES[spec.preprocessing]
