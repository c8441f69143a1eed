"""Reads off a model what its outputs mean: probabilities, or logits that still need a softmax."""

from dataclasses import dataclass
from typing import Any

import keras

from keras_classic_cnns.core import validate
from keras_classic_cnns.core.errors import UnsupportedModelError

# Layers that move or keep values without changing what they mean (in inference)
_TRANSPARENT = (
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.Identity,
    keras.layers.Reshape,
)

# What an activation function makes of its inputs, by the name of the function.
# log_softmax(x) gives logits too: softmax(log_softmax(x)) == softmax(x).
_PROBABILITIES = ("softmax", "softmax_v2", "sigmoid")
_LOGITS = ("linear", "log_softmax")


@dataclass(frozen=True)
class Head:
    """What a classifier returns.

    Args:
        classes: The number of classes, at least 2.
        logits: Whether a softmax turns the outputs into probabilities; if not, they are that.
    """

    classes: int
    logits: bool


def read_head(model: keras.Model) -> Head:
    """Finds out what a classifier returns, from the activation of its last layer.

    Args:
        model: A built `keras.Model` with one image input and one output.

    Raises:
        TypeError: `model` is not a `keras.Model`.
        UnsupportedModelError: It is not built, has several inputs or outputs, or does not end
            in a classifier over at least 2 classes.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    _check_inputs(model)
    classes = _classes(model)
    layer, linear_after = _deciding_layer(model.outputs[0])
    meaning = _meaning(layer)
    if meaning is None and not linear_after:
        kind = type(layer).__name__
        _refuse(
            model,
            f"It must end in a classifier, but its last layer {layer.name!r} ({kind}) says "
            "neither softmax, sigmoid nor linear. If its outputs are logits, append "
            "keras.layers.Softmax(); if they are features, build the model with its head.",
        )
    return Head(classes=classes, logits=meaning != "probabilities")


def _check_inputs(model: keras.Model) -> None:
    inputs = getattr(model, "inputs", None)
    if not inputs or not getattr(model, "outputs", None):
        _refuse(
            model,
            "Its graph is not known: it must be a Functional model or a built Sequential one. "
            "Wrap it: keras.Model(image, model(image)) with image = keras.Input(...).",
        )
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[-1] is None:
        _refuse(
            model,
            "It must have one image input of shape (batch, height, width, channels), but has "
            f"inputs of shape {[tuple(x.shape) for x in inputs]}.",
        )


def _classes(model: keras.Model) -> int:
    shapes = [tuple(x.shape) for x in model.outputs]
    if len(shapes) != 1:
        _refuse(
            model,
            f"It must have one output, but has {len(shapes)}; keep the one that counts: "
            "keras.Model(model.input, model.outputs[0]).",
        )
    if len(shapes[0]) != 2 or shapes[0][1] is None:
        _refuse(
            model,
            "It must end in a classifier with an output of shape (batch, classes), but its "
            f"output has the shape {shapes[0]}.",
        )
    if shapes[0][1] < 2:
        _refuse(
            model,
            "It must tell at least 2 classes apart, but has 1 output unit; for a yes-or-no "
            "question use 2 units with softmax.",
        )
    return shapes[0][1]


def _deciding_layer(tensor: Any) -> tuple[Any, bool]:
    """The layer that gives the outputs their meaning, and if a linear Activation comes after it.

    Mixed-precision models often end in `Activation("linear", dtype="float32")`, which says
    nothing by itself after a softmax, but says "logits" after a layer without activation.
    """
    linear_after = False
    while True:
        # public Keras offers no way from an output tensor to its layer
        layer = tensor._keras_history.operation
        if isinstance(layer, keras.Model) and getattr(layer, "outputs", None):
            tensor = layer.outputs[0]
            continue
        is_linear = isinstance(layer, keras.layers.Activation) and _meaning(layer) == "logits"
        if not is_linear and not isinstance(layer, _TRANSPARENT):
            return layer, linear_after
        linear_after = linear_after or is_linear
        tensor = layer.input


def _meaning(layer: Any) -> str | None:
    """`"probabilities"`, `"logits"`, or `None` where the layer does not say."""
    # by name, since keras.ops.softmax leaves an operation that has no public class
    if type(layer).__name__ == "Softmax":
        return "probabilities"
    name = getattr(getattr(layer, "activation", None), "__name__", None)
    if name in _PROBABILITIES:
        return "probabilities"
    return "logits" if name in _LOGITS else None


def _refuse(model: keras.Model, why: str) -> None:
    raise UnsupportedModelError(
        f"`model` cannot be used as an image classifier. {why} {validate.received('model', model)}"
    )
