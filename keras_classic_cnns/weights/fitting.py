"""Finds the place of every array in a model, and lists all that does not fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_classic_cnns.core import validate
from keras_classic_cnns.core.graph import functional
from keras_classic_cnns.weights import graph
from keras_classic_cnns.weights.folding import foldable
from keras_classic_cnns.weights.key_map import KeyMap, find_paths
from keras_classic_cnns.weights.layout import (
    COLOURS,
    adapt_input_kernel,
    flattened_rows,
    grouped_kernel,
    join_groups,
    to_keras_layout,
)

Shape = tuple[int, ...]

_NUMBERS = "fiuV"  # kinds of data types; V are those NumPy does not know, such as bfloat16


@dataclass
class Fit:
    """What goes where, and what does not fit.

    Args:
        values: In Keras's layout, by the path of our variable.
        missing: Paths of ours that no key leads to.
        unexpected: Keys that lead nowhere, or where another key has led before.
        misshaped: Key, shape, path and shape as text, by the path.
        not_finite: Keys of arrays with other values than finite numbers.
        other_classes: Paths of `misshaped` that would fit another number of classes.
        other_channels: Paths of `misshaped` that would fit coloured images.
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    misshaped: dict[str, str] = field(default_factory=dict)
    not_finite: list[str] = field(default_factory=list)
    other_classes: set[str] = field(default_factory=set)
    other_channels: set[str] = field(default_factory=set)

    @property
    def has_problems(self) -> bool:
        """Whether anything does not fit."""
        return bool(self.missing or self.unexpected or self.misshaped or self.not_finite)

    def differs_in_classes(self, paths: set[str]) -> bool:
        """Whether weights do not fit, and would if there were as many classes as in the file.

        Args:
            paths: Of all weights of a classifier.
        """
        wrong = paths & self.misshaped.keys()
        return bool(wrong) and wrong <= self.other_classes

    def skip(self, paths: set[str]) -> bool:
        """Leaves the weights of a classifier out if nothing but the number of classes differs.

        Args:
            paths: Of all weights of a classifier.

        Returns:
            Whether they are left out.
        """
        if not self.differs_in_classes(paths):
            return False
        for path in paths:
            self.misshaped.pop(path, None)
            self.values.pop(path, None)
        return True


class Target:
    """A model, as what arrays are fitted to.

    Args:
        model: A built functional model.
        key_map: How the keys correspond, and the layout of the arrays.
        adapt_input: Whether the first kernel is adapted to the channels of our images.

    Raises:
        TypeError: `model` is not functional.
    """

    def __init__(self, model: Any, key_map: KeyMap, adapt_input: bool = False):
        if functional(model) is not model:
            raise TypeError(
                "`model` must be a built functional model. "
                f"{validate.received('model', type(model).__name__)}"
            )
        self.name = model.name
        self.key_map = key_map
        # integers count training steps; no file has them
        self.variables = {w.path: w for w in model.weights if "int" not in str(w.dtype)}
        self.heads = graph.classifiers(model)
        self._adapts_input = adapt_input
        self._shapes = {path: tuple(w.shape) for path, w in self.variables.items()}
        self._shapes |= foldable(model)
        self._first = graph.first_kernels(model)
        self._flattened = graph.flattened_maps(model)
        self._auxiliary = graph.auxiliary_heads(model)

    def fit(self, arrays: Mapping[str, np.ndarray]) -> Fit:
        """Finds the place of every array, and all that does not fit."""
        fit = Fit()
        arrays = join_groups(arrays, *self.key_map.pieces) if self.key_map.pieces else arrays
        for key, path in find_paths(arrays, self.key_map, self._shapes).items():
            if path is None or path in fit.values or path in fit.misshaped:
                fit.unexpected.append(key)
            else:
                self._place(fit, key, path, np.asarray(arrays[key]))
        placed = fit.values.keys() | fit.misshaped.keys()
        fit.missing = [path for path in self.variables if path not in placed]
        return fit

    def explain(self, fit: Fit) -> str:
        """One text with everything that does not fit, and what can be done about it."""
        lists = {
            "Missing": fit.missing,
            "Unexpected": fit.unexpected,
            "Mis-shaped": list(fit.misshaped.values()),
            "Not finite": fit.not_finite,
        }
        text = f"The arrays do not fit {self.name} through the key map {self.key_map.name!r}. "
        text += "".join(f"{name}: {keys or 'none'}. " for name, keys in lists.items())
        if fit.missing and all(map(self._is_auxiliary, fit.missing)):
            text += "The file has no auxiliary heads: build the model with `aux_heads=False`. "
        if any(map(fit.differs_in_classes, self.heads.values())):
            text += "`skip_head=True` keeps a classifier that has other classes as it is. "
        if fit.other_channels:
            text += "`adapt_input=True` adapts the first kernel to the channels of the images. "
        return text

    def _place(self, fit: Fit, key: str, path: str, array: np.ndarray) -> None:
        shape, theirs = self._shapes[path], array.shape
        if theirs[:-2] == (1, 1) and len(shape) == 2:  # Caffe's matrices, `(1, 1, out, in)`
            array = array[0, 0]
        is_head = any(path in paths for paths in self.heads.values())
        if is_head:
            array = self._without_background(array, shape[-1])
        value = self._in_layout(array, path, shape)
        if value is None and path in self._first:
            value = self._for_other_channels(fit, array, path)
        if value is None:
            fit.misshaped[path] = f"{key} {theirs} for {path} {shape}"
            of_theirs = (*shape[:-1], self._classes(array))
            if is_head and self._in_layout(array, path, of_theirs) is not None:
                fit.other_classes.add(path)
            return
        fit.values[path] = value
        dtype = self.variables[path].dtype if path in self.variables else "float32"
        if not _is_finite(array, dtype):
            fit.not_finite.append(key)

    def _in_layout(self, array: np.ndarray, path: str, shape: Shape) -> np.ndarray | None:
        flattened = self._flattened.get(path)
        if self.key_map.layout == "torch":
            return to_keras_layout(array, shape, flattened)
        if flattened and self.key_map.channels_first:
            array = flattened_rows(array, flattened)
        if self.key_map.depthwise:
            array = grouped_kernel(array, shape)
        return array if array.shape == shape else None

    def _for_other_channels(self, fit: Fit, array: np.ndarray, path: str) -> np.ndarray | None:
        """The first kernel for images of our channels, where theirs is one for coloured images."""
        *window, channels, filters = self._shapes[path]
        value = self._in_layout(array, path, (*window, COLOURS, filters))
        if value is not None and not self._adapts_input:
            fit.other_channels.add(path)
            return None
        return None if value is None else adapt_input_kernel(value, channels)

    def _without_background(self, array: np.ndarray, classes: int) -> np.ndarray:
        count = self._classes(array)
        if count != self.key_map.background or count == classes:
            return array
        return array[..., 1:] if self.key_map.layout == "keras" else array[1:]

    def _classes(self, array: np.ndarray) -> int | None:
        """How many classes a classifier has that an array belongs to."""
        if not array.ndim:
            return None
        return array.shape[-1] if self.key_map.layout == "keras" else array.shape[0]

    def _is_auxiliary(self, path: str) -> bool:
        layer = path.partition("/")[0]
        return any(layer == head or layer.startswith(f"{head}_") for head in self._auxiliary)


def _is_finite(array: np.ndarray, dtype: str) -> bool:
    if array.dtype.kind not in _NUMBERS:
        return False
    with np.errstate(over="ignore"):  # what overflows is what is asked
        return bool(np.isfinite(array.astype(dtype, copy=False)).all())
