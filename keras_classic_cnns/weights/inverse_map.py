"""Key maps read backwards: what torch calls a variable of ours.

A rule is a regular expression and a template; both are turned around. The template becomes an
expression with the groups of the rule in its places, and the expression a template, into which the
groups are filled. Whatever comes out must lead back to the variable through the map itself, so that
a wrong inverse cannot pass unseen.
"""

import re
from collections.abc import Collection

from keras_classic_cnns.weights.key_map import VARIABLES, KeyMap, find_path

_PLACE = re.compile(r"\{(\d+)([+-]\d+)?\}")
_GROUP = re.compile(r"\(([^()]*)\)")
_OPTIONAL = re.compile(r"\\?.\?")
_PARAMETERS = {ours: theirs for theirs, names in VARIABLES.items() for ours in names}


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
            key = f"{module_of(target, rule, alternative)}.{parameter}"
            if find_path(key, key_map, paths) == path:
                return key
    raise LookupError(f"The key map {key_map.name!r} has no key for the variable {path!r}.")


def module_of(target: str, rule: tuple[str, str], alternative: int = 0) -> str | None:
    """The module whose name a rule turns into `target`, `None` if there is none.

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
        return None
    values: dict[int, set[str]] = {number: set() for number in range(1, len(groups) + 1)}
    for (group, offset), text in zip(places, match.groups(), strict=True):
        values[group].add(str(int(text) - offset) if offset else text)
    for number, found in values.items():
        # one value, also where the template has it twice, and one that the group takes
        if len(found) != 1 or not re.fullmatch(groups[number - 1], *found):
            return None
    # a bar inside of a group is not one between two names of the module
    name = _GROUP.sub("\0", expression).split("|")[alternative]
    name = re.sub(r"\\(.)", r"\1", _OPTIONAL.sub("", name))
    filling = (found.pop() for found in values.values())
    return re.sub("\0", lambda _: next(filling), name)


def _backwards(template: str, groups: list[str]) -> str:
    """The expression that matches what a template gives, with a group for each place."""
    pieces = re.split(r"(\{\d+(?:[+-]\d+)?\})", template)
    for index in range(1, len(pieces), 2):
        group, offset = _PLACE.fullmatch(pieces[index]).groups()
        pieces[index] = r"(\d+)" if offset else f"({groups[int(group) - 1]})"
    pieces[::2] = map(re.escape, pieces[::2])
    return "".join(pieces)
