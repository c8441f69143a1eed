"""Key maps read backwards: what torch calls a variable of ours, and its layout there.

A rule is a regular expression and a template; both are turned around. The template becomes an
expression with the groups of the rule in its places, and the expression a template, into which the
groups are filled. Whatever comes out must lead back to the variable through the map itself, so that
a wrong inverse cannot pass unseen.
"""

import re
from collections.abc import Collection, Iterator

import numpy as np

from keras_classic_cnns.weights.key_map import KeyMap, find_path

_PLACE = re.compile(r"\{(\d+)([+-]\d+)?\}")
_GROUP = re.compile(r"\(([^()]*)\)")
_OPTIONAL = re.compile(r"\\?.\?")
_PARAMETERS = {
    "kernel": "weight",
    "gamma": "weight",
    "bias": "bias",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def find_key(path: str, key_map: KeyMap, paths: Collection[str], alternative: int = 0) -> str:
    """The key that leads to a variable of ours: the inverse of `find_path`.

    Args:
        path: The path of the variable, `stage1_block1_conv2/kernel`.
        key_map: How the keys correspond.
        paths: The paths of all variables of the model.
        alternative: Which one to take where a rule lists several names, `a|b`: 0 is the first,
            -1 the last.

    Raises:
        LookupError: No key leads there.

    Example:
        >>> from keras_classic_cnns.weights import get_key_map
        >>> path = "stage1_block1_conv2/kernel"
        >>> find_key(path, get_key_map("resnet"), [path])
        'layer1.0.conv2.weight'
    """
    layer, _, name = path.rpartition("/")
    wholes = ((path, parameter) for parameter in ("weight", "bias"))
    named = ((layer, _PARAMETERS[name]),) if name in _PARAMETERS else ()
    for target, parameter in (*named, *wholes):
        for rule in key_map.rules:
            for module in modules(target, rule, alternative):
                if find_path(f"{module}.{parameter}", key_map, paths) == path:
                    return f"{module}.{parameter}"
    raise LookupError(f"The key map {key_map.name!r} has no key for the variable {path!r}.")


def modules(target: str, rule: tuple[str, str], alternative: int = 0) -> Iterator[str]:
    """The module whose name a rule turns into `target`, or nothing.

    Args:
        target: The path of a layer of ours, or of a variable.
        rule: A regular expression and a template.
        alternative: Which name to take where the expression lists several.
    """
    expression, template = rule
    groups = _GROUP.findall(expression)
    places = [(int(group), int(offset or 0)) for group, offset in _PLACE.findall(template)]
    match = re.fullmatch(_backwards(template, groups), target)
    if match is None:
        return
    values: dict[int, set[str]] = {number: set() for number in range(1, len(groups) + 1)}
    for (group, offset), text in zip(places, match.groups(), strict=True):
        values[group].add(str(int(text) - offset) if offset else text)
    # one value for each group, also where the template has it twice, and one that the group takes
    if all(
        len(found) == 1 and re.fullmatch(groups[number - 1], *found)
        for number, found in values.items()
    ):
        # a bar inside of a group is not one between two names of the module
        name = _GROUP.sub("\0", expression).split("|")[alternative]
        name = re.sub(r"\\(.)", r"\1", _OPTIONAL.sub("", name))
        filling = (found.pop() for found in values.values())
        yield re.sub("\0", lambda _: next(filling), name)


def to_torch_layout(
    array: np.ndarray,
    path: str,
    *,
    flattened: tuple[int, int, int] | None = None,
    is_convolution: bool = False,
) -> np.ndarray:
    """An array of Keras's layout in torch's: `(h, w, in, out)` becomes `(out, in, h, w)`.

    Args:
        array: A convolution, a depthwise convolution, a dense kernel or a vector.
        path: The path of the variable, which tells a depthwise convolution.
        flattened: Height, width and channels of the map that is flattened before a dense layer;
            torch flattens channels first.
        is_convolution: Whether torch computes our dense layer as a convolution over the map.

    Returns:
        A float32 array of its own, in C order.
    """
    if array.ndim == 4:
        is_depthwise = path.endswith("depthwise_kernel")
        array = array.transpose((2, 3, 0, 1) if is_depthwise else (3, 2, 0, 1))
    elif array.ndim == 2:
        array = array.reshape(*(flattened or (1, 1, len(array))), -1).transpose(3, 2, 0, 1)
        array = array if is_convolution else array.reshape(len(array), -1)
    return np.array(array, "float32", order="C")


def _backwards(template: str, groups: list[str]) -> str:
    """The expression that matches what a template gives, with a group for each place."""
    pieces = re.split(r"(\{\d+(?:[+-]\d+)?\})", template)
    for index in range(1, len(pieces), 2):
        group, offset = _PLACE.fullmatch(pieces[index]).groups()
        pieces[index] = r"(\d+)" if offset else f"({groups[int(group) - 1]})"
    pieces[::2] = map(re.escape, pieces[::2])
    return "".join(pieces)
