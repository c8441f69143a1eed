"""Key maps: what other libraries call the weights of our networks, as data.

A map is a JSON file of `key_maps/`. Its `rules` are pairs of a regular expression and a template.
The expression must match a module's whole name in the other library, `layer1.0.conv2`; the template
is the path of our layer, where `{1}` stands for the first group and `{1+1}` for the number in it
plus one: `stage{1}_block{2+1}_conv2`. The first rule counts that matches and leads to a weight of
the model. Keys that match one of `ignored` have no counterpart here. Those of `optional` belong to
parts that a model may lack, its classifiers: they are used where the model has the part. A map that
`extends` another one has its rules too, after its own, but nothing else of it.
"""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from keras_classic_cnns.core import errors, validate

LAYOUTS = ("torch", "keras")

# What torch calls a variable, and what Keras may call it, by the kind of layer; Keras's own names
# stay as they are
VARIABLES = {
    "weight": ("kernel", "gamma"),
    "bias": ("bias", "beta"),
    "running_mean": ("moving_mean",),
    "running_var": ("moving_variance",),
}

_FOLDER = Path(__file__).with_name("key_maps")
_SEPARATORS = {"torch": ".", "keras": "/"}  # between a module and its variable
_PARALLEL = "module."  # what torch's DataParallel puts in front of every key


@dataclass(frozen=True)
class KeyMap:
    """How another library names the weights of a family.

    Args:
        name: The file in `key_maps/`, without ending.
        peers: Whose names they are, for people.
        rules: Pairs of a regular expression and a template, see this module.
        ignored: Regular expressions of whole keys that have no counterpart.
        optional: Regular expressions of whole keys whose counterpart the model may lack.
        layout: `"torch"` (also ONNX's): keys `layer.weight`, output channels first; or `"keras"`:
            keys `layer/kernel`, arrays as Keras has them.
        epsilon: What their batch normalisation adds to the variance; `None`: what ours adds.
        background: Files whose classifier has so many classes have a background class in front,
            which is dropped; `None` where there are no such files.
        renames: Pairs of a regular expression and its replacement, applied to every key first.
        numbered: Layers that the other library numbers through by kind, as Keras does with those
            without a name. Pairs of the kind, `"conv2d"` for `conv2d`, `conv2d_1`, ..., and of
            regular expressions of our layers; these come in the order of the expressions, and for
            one expression in that of the numbers in their names.
        pieces: Where a grouped convolution is stored as one kernel for each group: a regular
            expression that finds the number of the group in a key, and what stands in its place in
            the key of the whole kernel. Empty where there are none.
        channels_first: Whether their net flattens a map channels first although the layout is that
            of Keras.
        depthwise: Whether grouped convolutions of the layout `"keras"` are stored as depthwise
            ones, whose outputs are added up within each group.
    """

    name: str
    peers: str
    rules: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    optional: tuple[str, ...] = ()
    layout: str = "torch"
    epsilon: float | None = None
    background: int | None = None
    renames: tuple[tuple[str, str], ...] = ()
    numbered: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pieces: tuple[str, ...] = ()
    channels_first: bool = False
    depthwise: bool = False

    def __post_init__(self) -> None:
        validate.one_of("layout", self.layout, LAYOUTS)


def list_key_maps() -> list[str]:
    """The names of all key maps, sorted."""
    return sorted(file.stem for file in _FOLDER.glob("*.json"))


def get_key_map(name: str) -> KeyMap:
    """A key map by name.

    Raises:
        ValueError: There is none of that name; the message offers the nearest ones.

    Example:
        >>> get_key_map("resnet").rules[0]
        ('conv1', 'stem_conv')
    """
    if validate.string("name", name) not in list_key_maps():
        raise ValueError(
            f"There is no key map of this name. {errors.close_matches(name, list_key_maps())}"
            f"{validate.received('name', name)}"
        )
    table = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    base = table.pop("extends", None)
    fields = {field: _tuples(value) for field, value in table.items()}
    if base is not None:
        fields["rules"] += get_key_map(base).rules
    return KeyMap(name, **fields)


def find_paths(
    keys: Iterable[str], key_map: KeyMap, paths: Collection[str]
) -> dict[str, str | None]:
    """The path of ours that each key of a file belongs to.

    Args:
        keys: All keys of the file. Where every one starts with `module.`, as `DataParallel` saves
            them, that is overlooked.
        key_map: How the keys correspond.
        paths: The paths of all variables of the model.

    Returns:
        The path by key, `None` for a key that leads nowhere; without the keys that the map
        ignores, and without those of parts that the model lacks.

    Example:
        >>> find_paths(["module.fc.bias"], get_key_map("resnet"), ["predictions/bias"])
        {'module.fc.bias': 'predictions/bias'}
    """
    keys = list(keys)
    is_parallel = all(key.startswith(_PARALLEL) for key in keys)
    names = {key: _renamed(key[len(_PARALLEL) :] if is_parallel else key, key_map) for key in keys}
    numbered = _numbered_layers(names.values(), key_map, paths)
    found: dict[str, str | None] = {}
    for key, name in names.items():
        if _matches(name, key_map.ignored):
            continue
        module, _, parameter = name.rpartition(_SEPARATORS[key_map.layout])
        if module in numbered:
            path = _variable(numbered[module], parameter, paths)
        else:
            path = find_path(name, key_map, paths)
        if path is not None or not _matches(name, key_map.optional):
            found[key] = path
    return found


def find_path(key: str, key_map: KeyMap, paths: Collection[str]) -> str | None:
    """The path of the variable of ours that the rules lead a key to, `None` if there is none.

    Args:
        key: A key of the other library, `layer1.0.conv2.weight`.
        key_map: How the keys correspond.
        paths: The paths of all variables of the model.
    """
    module, _, parameter = key.rpartition(_SEPARATORS[key_map.layout])
    for pattern, template in key_map.rules:
        if match := re.fullmatch(pattern, module):
            layer = _fill(template, match)
            # a template may name the variable itself, where a layer has several kernels
            found = _variable(layer, parameter, paths) or (layer if layer in paths else None)
            if found is not None:
                return found
    return None


def _variable(layer: str, parameter: str, paths: Collection[str]) -> str | None:
    """The variable of a layer of ours that another library calls `parameter`."""
    names = (f"{layer}/{name}" for name in VARIABLES.get(parameter, (parameter,)))
    return next((path for path in names if path in paths), None)


def _numbered_layers(
    keys: Iterable[str], key_map: KeyMap, paths: Collection[str]
) -> dict[str, str]:
    """Our layer by theirs, for the layers that are numbered through."""
    theirs = {key.rpartition(_SEPARATORS[key_map.layout])[0] for key in keys}
    ours = {path.rpartition("/")[0] for path in paths}
    pairs: dict[str, str] = {}
    for kind, patterns in key_map.numbered:
        numbered = sorted(
            (name for name in theirs if re.fullmatch(rf"{kind}(_\d+)?", name)), key=_by_numbers
        )
        counterparts = [
            name
            for pattern in patterns
            for name in sorted(filter(re.compile(pattern).fullmatch, ours), key=_by_numbers)
        ]
        if len(numbered) == len(counterparts):  # else they belong to different nets
            pairs.update(zip(numbered, counterparts, strict=True))
    return pairs


def _by_numbers(name: str) -> list:
    """Sorts names by the numbers in them: `block9` before `block10`."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _renamed(key: str, key_map: KeyMap) -> str:
    for pattern, replacement in key_map.renames:
        key = re.sub(pattern, replacement, key)
    return key


def _matches(key: str, patterns: Iterable[str]) -> bool:
    return any(re.fullmatch(pattern, key) for pattern in patterns)


def _fill(template: str, match: re.Match) -> str:
    def group(found: re.Match) -> str:
        text = match[int(found[1])]
        return str(int(text) + int(found[2])) if found[2] else text

    return re.sub(r"\{(\d+)([+-]\d+)?\}", group, template)


def _tuples(value):
    """JSON's lists as tuples, which cannot be changed."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
