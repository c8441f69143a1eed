"""Key maps: what other libraries call the weights of our networks, as data.

A map is a JSON file of `key_maps/`. Its `rules` are pairs of a regular expression and a template.
The expression must match a module's whole name in the other library, `layer1.0.conv2`; the template
is the path of our layer, where `{1}` stands for the first group and `{1+1}` for the number in it
plus one: `stage{1}_block{2+1}_conv2`. The first rule counts that matches and leads to a weight of
the model. Keys that match one of `ignored` have no counterpart here. A map that `extends` another
one has its rules too, after its own, but not what it ignores.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_classic_cnns.core import errors, validate

_FOLDER = Path(__file__).with_name("key_maps")
# What torch calls a variable, and what Keras may call it, by the kind of layer
_VARIABLES = {
    "weight": ("kernel", "gamma"),
    "bias": ("bias", "beta"),
    "running_mean": ("moving_mean",),
    "running_var": ("moving_variance",),
}


@dataclass(frozen=True)
class KeyMap:
    """How another library names the weights of a family.

    Args:
        name: The file in `key_maps/`, without ending.
        peers: Whose names they are, for people.
        rules: Pairs of a regular expression and a template, see this module.
        ignored: Regular expressions of whole keys that have no counterpart.
    """

    name: str
    peers: str
    rules: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]


def list_key_maps() -> list[str]:
    """The names of all key maps, sorted."""
    return sorted(file.stem for file in _FOLDER.glob("*.json"))


def get_key_map(name: str) -> KeyMap:
    """A key map by name.

    Raises:
        ValueError: There is none of that name; the message offers the nearest ones.
    """
    if validate.string("name", name) not in list_key_maps():
        raise ValueError(
            f"There is no key map of this name. {errors.close_matches(name, list_key_maps())}"
            f"{validate.received('name', name)}"
        )
    table = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    rules = tuple((pattern, template) for pattern, template in table["rules"])
    if "extends" in table:
        rules += get_key_map(table["extends"]).rules
    return KeyMap(name, table["peers"], rules, tuple(table["ignored"]))


def load_state_dict(model: Any, state: dict[str, np.ndarray], key_map: KeyMap) -> None:
    """Sets every weight of a model from a state dict of another library.

    Nothing changes unless all of it fits: each weight of the model is set by exactly one key, each
    key that the map does not ignore is used, and all shapes agree.

    Args:
        model: A built functional model.
        state: Arrays by key, in torch's layout (output channels first).
        key_map: How the keys correspond.

    Raises:
        ValueError: Something does not fit; the message lists missing, unexpected and mis-shaped
            keys.
    """
    variables = {weight.path: weight for weight in model.weights}
    flattened = _flattened_maps(model)
    values, unexpected, misshaped = {}, [], []
    for key, array in state.items():
        if any(re.fullmatch(pattern, key) for pattern in key_map.ignored):
            continue
        path = find_path(key, key_map, variables)
        if path is None or path in values:
            unexpected.append(key)
            continue
        value = to_keras_layout(array, tuple(variables[path].shape), flattened.get(path))
        if value is None:
            misshaped.append(f"{key} {array.shape} for {path} {tuple(variables[path].shape)}")
        values[path] = value
    missing = [path for path in variables if path not in values]
    if missing or unexpected or misshaped:
        raise ValueError(
            f"The state dict does not fit {model.name} through the key map {key_map.name!r}. "
            f"Missing: {missing or 'none'}. Unexpected: {unexpected or 'none'}. "
            f"Mis-shaped: {misshaped or 'none'}. {validate.received('keys', len(state))}"
        )
    for path, value in values.items():
        variables[path].assign(value)


def find_path(key: str, key_map: KeyMap, paths: Any) -> str | None:
    """The path of the variable of ours that a key belongs to, `None` if there is none.

    Args:
        key: A key of the other library, `layer1.0.conv2.weight`.
        key_map: How the keys correspond.
        paths: The paths of all variables of the model.
    """
    module, _, parameter = key.rpartition(".")
    for pattern, template in key_map.rules:
        if match := re.fullmatch(pattern, module):
            layer = _fill(template, match)
            names = (f"{layer}/{name}" for name in _VARIABLES.get(parameter, (parameter,)))
            # a template may name the variable itself, where a layer has several kernels
            found = next((path for path in (*names, layer) if path in paths), None)
            if found is not None:
                return found
    return None


def to_keras_layout(
    array: np.ndarray, shape: tuple[int, ...], flattened: tuple[int, int, int] | None = None
) -> np.ndarray | None:
    """An array of torch's layout in Keras's: `(out, in, h, w)` becomes `(h, w, in, out)`.

    Args:
        array: A convolution, a depthwise convolution, a dense kernel or a vector.
        shape: The shape of our variable.
        flattened: Height, width and channels of the map that is flattened before a dense layer;
            torch flattens channels first.

    Returns:
        The array, or `None` where it has another shape.
    """
    array = np.asarray(array)
    if array.ndim == 2 and flattened is not None and array.shape[1] == np.prod(flattened):
        height, width, channels = flattened
        array = array.reshape(-1, channels, height, width)
    if array.ndim == 4:
        is_depthwise = array.shape[1] == 1 and len(shape) == 4 and shape[3] == 1
        array = array.transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0))
        if len(shape) == 2:  # a convolution over the whole map is a dense layer
            array = array.reshape(-1, array.shape[-1])
    elif array.ndim == 2:
        array = array.T.reshape(1, 1, *array.T.shape) if len(shape) == 4 else array.T
    return array if array.shape == shape else None


def _fill(template: str, match: re.Match) -> str:
    def group(found: re.Match) -> str:
        text = match[int(found[1])]
        return str(int(text) + int(found[2])) if found[2] else text

    return re.sub(r"\{(\d+)([+-]\d+)?\}", group, template)


def _flattened_maps(model: Any) -> dict[str, tuple[int, int, int]]:
    """The map that is flattened before a dense kernel, by the path of the kernel."""
    maps: dict[str, tuple[int, int, int]] = {}
    shapes: dict[int, tuple[int, int, int]] = {}
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Flatten" and len(layer.input.shape) == 4:
            shapes[id(layer.output)] = tuple(layer.input.shape[1:])
        elif kind in ("Dropout", "Activation", "ReLU") and id(layer.input) in shapes:
            shapes[id(layer.output)] = shapes[id(layer.input)]
        elif kind == "Dense" and id(layer.input) in shapes:
            maps[layer.kernel.path] = shapes[id(layer.input)]
    return maps
