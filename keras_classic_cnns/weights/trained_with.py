"""How a living model wants its images: as its weights were trained, or as its family is."""

import logging
import os
import weakref
from typing import Any

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.preprocessing import MODES, Preprocessing, get_mode
from keras_classic_cnns.registry import spec_of
from keras_classic_cnns.weights.preprocessing_file import preprocessing_path, read_preprocessing

_trained_with: weakref.WeakKeyDictionary[Any, Preprocessing] = weakref.WeakKeyDictionary()
# those of them that nothing but the architecture speaks for, and nobody was told of yet
_assumed: weakref.WeakSet[Any] = weakref.WeakSet()

_log = logging.getLogger(__name__)


def remember_preprocessing(model: Any, preprocessing: str | Preprocessing) -> None:
    """Notes how the images are scaled that the weights of a model are trained on.

    The constructors do so by themselves. What they noted is lost where Keras makes a model anew,
    as `keras.models.load_model` and `clone_model` do.

    Args:
        model: A model, also one that is not of this package.
        preprocessing: A name of `keras_classic_cnns.preprocessing.MODES`, or a record.

    Raises:
        TypeError: `model` is not a `keras.Model`.
        ValueError: There is no mode of that name.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> model = keras.models.clone_model(ResNet20(weights=None, name="mine"))
        >>> remember_preprocessing(model, "tf")
        >>> preprocessing_for(model).name
        'tf'
    """
    _check_model(model)
    _trained_with[model] = get_mode(preprocessing, "preprocessing")
    _assumed.discard(model)


def assume_preprocessing(model: Any, mode: str) -> None:
    """Notes the default of a model's family, where its weights do not say how they were trained.

    Args:
        model: A model.
        mode: A name of `keras_classic_cnns.preprocessing.MODES`.
    """
    remember_preprocessing(model, mode)
    _assumed.add(model)


def inherit_preprocessing(derived: Any, model: Any) -> Any:
    """Notes that a model takes the images of another one, whose layers it shares.

    Args:
        derived: The new model.
        model: The one it was made of.

    Returns:
        `derived`.
    """
    preprocessing = _known(model)
    if preprocessing is not None:
        remember_preprocessing(derived, preprocessing)
        if model in _assumed:
            _assumed.add(derived)
    return derived


def preprocessing_for(model: Any) -> Preprocessing:
    """How a network wants its images: the one place that decides it.

    A model that a constructor built has the record of its weights: that of public weights, that
    of the JSON file beside a weights file, or the default of its family where it starts at random.
    What `without_aux`, `feature_extractor` and `column` make of it has the same one. Keras keeps
    none of that when it reloads or clones a model: the default of the family is taken then, by the
    model's name, and a warning says so once; `keras_classic_cnns.weights.remember_preprocessing`
    tells what is right. Layers before the network, from which its `input_tensor` comes, are not
    looked at.

    Args:
        model: A model, or the path of a file of a model or weights, beside which its JSON file
            lies, as beside all that our training saves.

    Returns:
        The record, which is a function of images in 0..255.

    Raises:
        TypeError: `model` is neither a `keras.Model` nor a path.
        ValueError: The model is unknown and does not carry the name of an architecture of this
            package, or the JSON file is damaged.
        FileNotFoundError: There is no JSON file beside the path.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> preprocessing_for(ResNet20(weights=None)).name
        'torch'
    """
    if isinstance(model, str | os.PathLike):
        return _beside(model)
    _check_model(model)
    preprocessing = _known(model)
    if preprocessing is None:
        raise ValueError(
            "The preprocessing of this model is not known: it was not built in this process, and "
            "does not carry the name of an architecture of this package and its input 'image'. "
            "Give it as `preprocessing`, or note it with "
            "keras_classic_cnns.weights.remember_preprocessing(model, ...): "
            f"{', '.join(map(repr, MODES))} or a Preprocessing record; 'raw' leaves the pixels as "
            f"they are. {validate.received('model.name', model.name)}"
        )
    if model in _assumed:
        _assumed.discard(model)
        _log.warning(
            "%s: its file was loaded without a record of how images were scaled for these weights; "
            "%r is assumed, the default of the architecture. Say what is right where there is an "
            "argument `preprocessing`, or note it with "
            "keras_classic_cnns.weights.remember_preprocessing(model, ...), which takes what "
            "keras_classic_cnns.preprocessing_for(path) reads in a *.preprocessing.json.",
            model.name,
            preprocessing.name,
        )
    return preprocessing


def _known(model: Any) -> Preprocessing | None:
    """What is noted of a model; of one that Keras made anew, what its name says."""
    if model not in _trained_with:
        spec = spec_of(model)
        if spec is None:
            return None
        assume_preprocessing(model, spec.preprocessing)
    return _trained_with[model]


def _beside(path: str | os.PathLike) -> Preprocessing:
    preprocessing = read_preprocessing(path)
    if preprocessing is None:
        raise FileNotFoundError(
            f"There is no {preprocessing_path(path).name} beside this file, so how its images are "
            "scaled is not recorded. "
            f"{validate.received('model', str(path))}"
        )
    return preprocessing


def _check_model(model: Any) -> None:
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
