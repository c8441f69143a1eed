"""What converting weights asks about a model's graph."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.core.graph import nodes

_MAIN = "predictions"  # the classifier of every net
_AUXILIARY = "AuxiliaryClassifier"  # the kind of a classifier that serves training only
# Layers between a flattened map and a dense layer that leave places where they are
_ELEMENTWISE = ("Dropout", "Activation", "ReLU")


@dataclass(frozen=True)
class Normalised:
    """A layer with a kernel, and the batch normalisation that alone sees its output.

    Args:
        layer: The path of the layer in front, its variables are `<layer>/kernel`, `<layer>/bias`.
        norm: The path of the normalisation.
        has_bias: Whether the layer in front has a bias.
        has_gamma: Whether the normalisation has a gamma.
        filters: Channels between the two.
    """

    layer: str
    norm: str
    has_bias: bool
    has_gamma: bool
    filters: int


def flattened_maps(model: Any) -> dict[str, tuple[int, int, int]]:
    """Height, width and channels of the map that is flattened before a dense kernel, by its path.

    Args:
        model: A functional model.
    """
    maps: dict[str, tuple[int, int, int]] = {}
    shapes: dict[int, tuple[int, int, int]] = {}
    for layer, inputs, outputs in _calls(model):
        kind = type(layer).__name__
        if kind == "Flatten" and len(inputs[0].shape) == 4:
            shapes[id(outputs[0])] = tuple(inputs[0].shape[1:])
        elif len(inputs) != 1 or id(inputs[0]) not in shapes:
            continue
        elif kind in _ELEMENTWISE:
            shapes[id(outputs[0])] = shapes[id(inputs[0])]
        elif hasattr(layer, "kernel"):
            maps[layer.kernel.path] = shapes[id(inputs[0])]
    return maps


def first_kernels(model: Any) -> set[str]:
    """The paths of the kernels that see the image itself, or what no weight has changed of it.

    Args:
        model: A functional model.
    """
    reached = {id(tensor) for tensor in model.inputs}
    kernels = set()
    for layer, inputs, outputs in _calls(model):
        if not any(id(tensor) in reached for tensor in inputs):
            continue
        if hasattr(layer, "kernel"):
            kernels.add(layer.kernel.path)
        elif not layer.weights:
            reached.update(map(id, outputs))
    return kernels


def classifiers(model: Any) -> dict[str, set[str]]:
    """The paths of the weights that decide between the classes, by the name of the output.

    They are those of the last layer with weights: of the dense layer itself, or, where a net ends
    with a convolution and a mean, of the convolution.

    Args:
        model: A functional model. An output counts that `predictions` or an auxiliary classifier
            gives.
    """
    calls = {id(tensor): call for call in _calls(model) for tensor in call[2]}
    heads = {}
    for output in model.outputs:
        layer, inputs, _ = calls[id(output)]
        name = layer.name
        if name != _MAIN and name not in auxiliary_heads(model):
            continue
        while not layer.weights and id(inputs[0]) in calls:
            layer, inputs, _ = calls[id(inputs[0])]
        heads[name] = {weight.path for weight in layer.weights}
    return heads


def auxiliary_heads(model: Any) -> list[str]:
    """The names of the auxiliary heads; the layers of a head are named `<head>` or `<head>_...`."""
    return [layer.name for layer in model.layers if type(layer).__name__ == _AUXILIARY]


def normalised_layers(model: Any) -> list[Normalised]:
    """The layers with a kernel whose output goes into a batch normalisation and nowhere else.

    Args:
        model: A functional model. Layers inside of composite layers are not looked at.
    """
    calls = list(_calls(model))
    makers = {id(outputs[0]): layer for layer, _, outputs in calls}
    readers: dict[int, int] = {id(tensor): 1 for tensor in model.outputs}
    for _, inputs, _ in calls:
        for tensor in inputs:
            readers[id(tensor)] = readers.get(id(tensor), 0) + 1
    found = []
    for norm, inputs, _ in calls:
        layer = makers.get(id(inputs[0])) if inputs and hasattr(norm, "moving_variance") else None
        if layer is None or not hasattr(layer, "kernel") or readers[id(inputs[0])] > 1:
            continue
        found.append(
            Normalised(
                layer=_folder(layer.kernel),
                norm=_folder(norm.moving_variance),
                has_bias=layer.bias is not None,
                has_gamma=norm.gamma is not None,
                filters=int(layer.kernel.shape[-1]),
            )
        )
    return found


def epsilons(model: Any) -> dict[str, float]:
    """What each batch normalisation adds to the variance, by the path of its moving variance.

    Args:
        model: A model; layers inside of composite layers count.
    """
    return {
        layer.moving_variance.path: layer.epsilon
        for layer in model._flatten_layers(include_self=False)
        if hasattr(layer, "moving_variance")
    }


def _folder(variable: Any) -> str:
    return variable.path.rpartition("/")[0]


def _calls(model: Any) -> Iterator[tuple[Any, list, list]]:
    """Layer, inputs and outputs of each call in the graph, inputs first."""
    for node in nodes(model):
        yield node.operation, node.arguments.keras_tensors, node.outputs
