"""Networks that slide over larger images: dense layers as convolutions."""

from typing import Any

import keras
import numpy as np
from keras import layers

from keras_classic_cnns.application.auxiliary import without_aux
from keras_classic_cnns.core import graph, validate
from keras_classic_cnns.core.errors import UnsupportedModelError
from keras_classic_cnns.weights.trained_with import inherit_preprocessing

_GLOBAL_POOLING = (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)
# What does to each place of a map what it does to a vector
_EVERYWHERE = (
    layers.Activation,
    layers.Dense,
    layers.Dropout,
    layers.Identity,
    layers.ReLU,
    layers.Softmax,
)


def fully_convolutional(model: Any) -> Any:
    """The same classifier for images of any size, applied at every position and averaged.

    Where a network ends in dense layers, the first of them becomes a convolution as large as the
    map that it flattened, the others become 1x1 convolutions, and the outputs of all positions
    are averaged: at the size of training there is one position, and the output is the network's.
    Where it ends in global pooling, that takes the mean over the larger map, and nothing else
    changes. An adaptive pooling before the dense layers, as VGG has it, becomes part of them.

    Args:
        model: A classifier: a functional or sequential model with one image input. Auxiliary
            heads are left out.

    Returns:
        A `keras.Model` from `(batch, height, width, channels)` with height and width not fixed to
        `(batch, classes)`. Layers and weights are shared with the network, except for the first
        dense layer, whose weights are copied.

    Raises:
        TypeError: `model` is not a `keras.Model`.
        UnsupportedModelError: It is not functional, its head is another one, or the size it was
            made for is not known.

    Example:
        >>> from keras_classic_cnns import LeNet5
        >>> anywhere = fully_convolutional(LeNet5(weights=None))
        >>> anywhere.input_shape, anywhere.output_shape
        ((None, None, None, 1), (None, 10))

    Source: P. Sermanet et al., "OverFeat" (2013), section 3.5, https://arxiv.org/abs/1312.6229;
    Simonyan, Zisserman (2014), section 3.2, https://arxiv.org/abs/1409.1556.
    """
    whole = graph.functional(without_aux(model))
    if whole is None:
        _refuse(model, "Its graph is not known: it must be a functional or a built sequential one")
    if len(whole.inputs) != 1 or len(whole.outputs) != 1:
        _refuse(model, "It must have one input and one output")
    first, head = _head(model, whole)
    replaced = {}
    if isinstance(first.operation, layers.Flatten):
        replaced = _as_convolution(model, whole, first, head)
    elif not isinstance(first.operation, _GLOBAL_POOLING):
        _refuse(model, f"Its maps end in {_named(first.operation)}, not in pooling or flattening")
    given = whole.inputs[0]
    image = keras.Input((None, None, given.shape[-1]), dtype=given.dtype, name=given.name)
    slid = keras.models.clone_model(
        whole,
        input_tensors=image,
        clone_function=lambda layer: replaced.get(layer.name, layer),
    )
    output = slid.outputs[0]
    if replaced:
        output = layers.GlobalAveragePooling2D(name="positions", dtype=output.dtype)(output)
    anywhere = keras.Model(slid.inputs[0], output, name=f"{model.name}_sliding")
    return inherit_preprocessing(anywhere, model)


def _head(model: Any, whole: Any) -> tuple[Any, list[Any]]:
    """The call that turns maps into a vector, and those behind it, first to last."""
    producers = {id(tensor): node for node in graph.nodes(whole) for tensor in node.outputs}
    node, behind = producers[id(whole.outputs[0])], []
    while len(node.outputs[0].shape) == 2:
        taken = node.arguments.keras_tensors
        if len(taken) == 1 and len(taken[0].shape) == 4:
            return node, behind[::-1]
        if len(taken) != 1:
            break
        behind.append(node)
        node = producers[id(taken[0])]
    return _refuse(model, f"It must end in a classifier, but {_named(node.operation)} is no part")


def _as_convolution(model: Any, whole: Any, flatten: Any, head: list[Any]) -> dict[str, Any]:
    """What takes the place of which layer: names of layers to layers."""
    for node in head:
        if not isinstance(node.operation, _EVERYWHERE):
            _refuse(model, f"Its head has {_named(node.operation)} behind the flattening")
    dense = next((n.operation for n in head if isinstance(n.operation, layers.Dense)), None)
    if dense is None:
        _refuse(model, "There is no dense layer behind the flattening")
    maps = flatten.arguments.keras_tensors[0]
    height, width, channels = maps.shape[1:]
    if None in (height, width):
        _refuse(model, "The size of the maps that it flattens is not known")
    kernel = keras.ops.convert_to_numpy(dense.kernel).reshape(height, width, channels, -1)
    replaced = {flatten.operation.name: _passing(flatten.operation)}
    pooling = _pooling_before(whole, maps)
    if pooling is not None:
        replaced[pooling.operation.name] = _passing(pooling.operation)
        kernel = _before_pooling(kernel, pooling)
    replaced[dense.name] = _convolution(dense, kernel)
    return replaced


def _pooling_before(whole: Any, maps: Any) -> Any | None:
    """The call of the adaptive pooling that gives the maps."""
    node = next(n for n in graph.nodes(whole) if any(t is maps for t in n.outputs))
    return node if isinstance(node.operation, layers.AdaptiveAveragePooling2D) else None


def _before_pooling(kernel: np.ndarray, pooling: Any) -> np.ndarray:
    """The kernel that does to the map before an adaptive pooling what this one does behind it.

    Pooling is linear: `A[i, p]` is the part of place i in the average p, and the new kernel is
    `A x kernel`.
    """
    height, width = pooling.arguments.keras_tensors[0].shape[1:3]
    if None in (height, width) or (height, width) == kernel.shape[:2]:
        return kernel  # of a network for any size the pooled size is the size
    places = np.eye(height * width, dtype=kernel.dtype).reshape(-1, height, width, 1)
    shares = keras.ops.convert_to_numpy(pooling.operation(places)).reshape(height * width, -1)
    folded = shares @ kernel.reshape(shares.shape[1], -1)
    return folded.reshape(height, width, *kernel.shape[2:])


def _convolution(dense: Any, kernel: np.ndarray) -> Any:
    convolution = layers.Conv2D(
        dense.units,
        kernel.shape[:2],
        activation=dense.activation,
        use_bias=dense.use_bias,
        dtype=dense.dtype_policy,
        name=dense.name,
    )
    convolution.build((None, None, None, kernel.shape[2]))
    bias = [keras.ops.convert_to_numpy(dense.bias)] if dense.use_bias else []
    convolution.set_weights([kernel, *bias])
    return convolution


def _passing(layer: Any) -> Any:
    return layers.Identity(name=layer.name, dtype=layer.dtype_policy)


def _named(layer: Any) -> str:
    return f"{layer.name!r} ({type(layer).__name__})"


def _refuse(model: Any, why: str) -> Any:
    raise UnsupportedModelError(
        f"`model` cannot slide over larger images. {why}. It must end in global pooling and a "
        "classifier, or flatten its maps for dense layers, with nothing but activations and "
        f"dropout between them. {validate.received('model', model.name)}"
    )
