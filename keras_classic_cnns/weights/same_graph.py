"""Whether two models compute the same, but for the values of their weights."""

import json
import re
from collections.abc import Iterator
from typing import Any

import keras

from keras_classic_cnns.core import graph

# layers that pass on what they get, but in training
_TRAINING_ONLY = {
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "ScheduledDropPath",
    "SpatialDropout2D",
}
# What says how a layer is trained or stored, and sizes that the shapes of its weights show.
# A layer without gamma is one whose gamma is 1.
_IRRELEVANT = re.compile(
    r"name|dtype|trainable|seed|momentum|scale|dropout|memory_efficient|loss_weight|filters|units|"
    r".*_(initializer|regularizer|constraint)"
)


def first_difference(model: Any, reference: Any) -> str | None:
    """Says where the graph of a model leaves that of another one.

    Layers are compared by name: their class, the settings that change what they compute outside of
    training, and what they take. Dropout counts for nothing, nor do the activation of an output,
    numbers of filters and units, and the input's shape.

    Args:
        model: A functional model.
        reference: The functional model that it should be like.

    Returns:
        A phrase about the first layer that differs, or `None` where all agree.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> first_difference(ResNet20(classes=5), ResNet20())
        >>> first_difference(ResNet20(shortcut="B"), ResNet20())
        "there is no 'stage2_block1_shortcut'"
    """
    ours, theirs = dict(_layers(model)), dict(_layers(reference))
    for name, wanted in theirs.items():
        if name not in ours:
            return f"there is no {name!r}"
        for setting in wanted:
            if ours[name].get(setting) != wanted[setting]:
                return f"{name!r} has {setting}={ours[name].get(setting)}, not {wanted[setting]}"
    more = next((name for name in ours if name not in theirs), None)
    return None if more is None else f"{more!r} is a layer more"


def _layers(model: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Name and settings of each layer, inputs first."""
    outputs = {tensor._keras_history.operation.name for tensor in model.outputs}
    for node in graph.nodes(model):
        layer = node.operation
        if node.is_input or type(layer).__name__ in _TRAINING_ONLY:
            continue
        settings = {"class": type(layer).__name__, **_settings(layer)}
        if layer.name in outputs:
            settings.pop("activation", None)
        settings["inputs"] = str([_source(tensor) for tensor in node.arguments.keras_tensors])
        yield layer.name, settings


def _settings(layer: Any) -> dict[str, str]:
    """As text, since what was reloaded has lists for tuples."""
    config = layer.get_config() if isinstance(layer, keras.layers.Layer) else {}
    return {
        name: json.dumps(value, sort_keys=True, default=str)
        for name, value in config.items()
        if not _IRRELEVANT.fullmatch(name)
    }


def _source(tensor: Any) -> str:
    """The name of the layer that a tensor comes from; `"input"` of the model's input."""
    node = tensor._keras_history.operation._inbound_nodes[tensor._keras_history.node_index]
    if node.is_input:
        return "input"
    if type(node.operation).__name__ in _TRAINING_ONLY:
        return _source(node.arguments.keras_tensors[0])
    return node.operation.name
