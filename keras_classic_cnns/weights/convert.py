"""Sets the weights of a model from arrays with another library's names: all of them, or none."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_classic_cnns.core import validate
from keras_classic_cnns.weights.fitting import Target
from keras_classic_cnns.weights.folding import fold
from keras_classic_cnns.weights.key_map import KeyMap

_log = logging.getLogger(__name__)


def load_arrays(
    model: Any,
    arrays: Mapping[str, np.ndarray],
    key_map: KeyMap,
    *,
    skip_head: bool = False,
    adapt_input: bool = False,
) -> None:
    """Sets every weight of a model from arrays with another library's names.

    Nothing changes unless all of it fits: each weight of the model is set by exactly one key, each
    key that the map does not ignore is used, all shapes agree and all values are finite. Biases
    and gammas that the model has no variable for, and another epsilon, are folded into the weights
    that it has, with the same outputs. Half precision becomes the precision of the model. Counters
    of training steps, which are integers, stay as they are.

    Args:
        model: A built functional model.
        arrays: Arrays by key.
        key_map: How the keys correspond, and the layout of the arrays.
        skip_head: Whether a classifier, also an auxiliary one, stays as it is where the file is
            of another number of classes; a log line then says so.
        adapt_input: Whether the first kernel is adapted to images of another number of channels,
            see `weights.layout.adapt_input_kernel`.

    Raises:
        TypeError: `model` is not functional.
        ValueError: Something does not fit; the message lists all missing, unexpected and
            mis-shaped keys, and those whose values are not finite.

    Example:
        >>> import keras
        >>> image = keras.Input((4,), name="image")
        >>> model = keras.Model(image, keras.layers.Dense(2, name="predictions")(image))
        >>> arrays = {"fc.weight": np.ones((2, 4)), "fc.bias": np.zeros(2)}
        >>> load_arrays(model, arrays, KeyMap("mine", "me", (("fc", "predictions"),), ()))
        >>> model.get_layer("predictions").kernel.numpy().sum()
        np.float32(8.0)
    """
    validate.boolean("skip_head", skip_head)
    validate.boolean("adapt_input", adapt_input)
    target = Target(model, key_map, adapt_input)
    fit = target.fit(arrays)
    skipped = [name for name, paths in target.heads.items() if skip_head and fit.skip(paths)]
    if fit.has_problems:
        raise ValueError(f"{target.explain(fit)}{validate.received('keys', len(arrays))}")
    for path, value in fold(model, fit.values, key_map.epsilon).items():
        target.variables[path].assign(value)
    if skipped:
        _log.warning(
            "%s: all weights were loaded but those of %s, which stay as they were: the file is of "
            "another number of classes.",
            model.name,
            ", ".join(map(repr, sorted(skipped))),
        )


def load_state_dict(model: Any, state: Mapping[str, np.ndarray], key_map: KeyMap) -> None:
    """Sets every weight of a model from a state dict: `load_arrays` without its options.

    Args:
        model: A built functional model.
        state: Arrays by key.
        key_map: How the keys correspond.

    Raises:
        ValueError: Something does not fit; see `load_arrays`.
    """
    load_arrays(model, state, key_map)
