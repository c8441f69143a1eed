"""Model in, model out: reaching into a built network."""

import re
from collections.abc import Sequence
from typing import Any

import keras

from keras_classic_cnns.core import errors, graph, validate
from keras_classic_cnns.layers import FractalJoin
from keras_classic_cnns.weights.trained_with import inherit_preprocessing


def endpoints(model: Any) -> dict[str, Any]:
    """The output of each stage of a network.

    Args:
        model: A model of this package, also one reloaded from a file: its layers are named
            `stem_...` and `stage<i>_...`.

    Returns:
        `{"stem": tensor, "stage1": tensor, ...}` in the order of the network, each the output of
        the stage's last layer, `(batch, height, width, channels)`. A network without a stem has
        none.

    Raises:
        TypeError: `model` is not a functional model.
        ValueError: No layer is named so.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> {name: tensor.shape[1:] for name, tensor in endpoints(ResNet20()).items()}
        {'stem': (32, 32, 16), 'stage1': (32, 32, 16), 'stage2': (16, 16, 32), 'stage3': (8, 8, 64)}
    """
    last = {}
    for name, output in _outputs(model).items():
        stage = re.match(r"(stem|stage\d+)_", name)
        if stage and not name.endswith("_pad"):
            last[stage[1]] = output
    if not last:
        raise ValueError(
            "`model` has no layers named `stem_...` or `stage<i>_...`, as the networks of this "
            f"package have. {validate.received('model', model.name)}"
        )
    return last


def feature_extractor(model: Any, names: Sequence[str]) -> Any:
    """A model of some inner outputs of a network, for detection, segmentation and transfer.

    Args:
        model: A functional model of this package, also one reloaded from a file.
        names: Names of `endpoints(model)`, such as `"stage3"`, or of any layers, such as VGG's
            `"fc7"`; at least one.

    Returns:
        A `keras.Model` with the input of the network and a dictionary of outputs, by these names
        and in their order. Layers and weights are shared with the network, not copied.

    Raises:
        TypeError: `model` is not a functional model, or `names` is not a sequence of names.
        ValueError: There is neither an endpoint nor a layer of a name, or a name comes twice.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> features = feature_extractor(ResNet20(), ["stage2", "stage3"])
        >>> {name: tuple(tensor.shape) for name, tensor in features.output.items()}
        {'stage2': (None, 16, 16, 32), 'stage3': (None, 8, 8, 64)}
    """
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"`names` must be a list of names. {validate.received('names', names)}")
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"`names` must hold at least one name, and none twice. "
            f"{validate.received('names', names)}"
        )
    known = _outputs(model) | endpoints(model)
    for name in names:
        if validate.string("names", name) not in known:
            raise ValueError(
                f"There is neither an endpoint nor a layer of this name. "
                f"{errors.close_matches(name, known)}The endpoints are "
                f"{', '.join(endpoints(model))}. {validate.received('names', name)}"
            )
    outputs = {name: known[name] for name in names}
    features = keras.Model(model.input, outputs, name=f"{model.name}_features")
    return inherit_preprocessing(features, model)


def freeze_batch_norm(model: Any, frozen: bool = True) -> None:
    """Keeps batch normalisation in inference mode while the rest of a model trains.

    It then normalises with its moving averages, which stay as they are, as do its gamma and beta:
    what fine-tuning on few images wants. Compile the model afterwards.

    Args:
        model: A model. Normalisations inside of other layers, as DenseNets and Inception modules
            have them, count as well.
        frozen: `False` lets them train again.

    Raises:
        TypeError: `model` is not a `keras.Model`, or `frozen` is no boolean.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> model = ResNet20(weights=None)
        >>> freeze_batch_norm(model)
        >>> sorted({weight.name for weight in model.trainable_weights})
        ['bias', 'kernel']
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    validate.boolean("frozen", frozen)
    # Keras lists layers inside of layers nowhere else
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = not frozen


def column(model: Any, number: int) -> Any:
    """One column of a fractal net as a model of its own, such as a shallow one for a fast answer.

    Args:
        model: A FractalNet of this package, also one reloaded from a file.
        number: Of the column: 1 is the shallowest, with a convolution a block, and each further one
            is twice as deep.

    Returns:
        A `keras.Model` with the input and the classifier of the network, and between them this
        column alone. Layers and weights are shared with the network, not copied.

    Raises:
        TypeError: `model` is not a functional model with one output, or `number` is not an integer.
        ValueError: The network has no joins, or no column of this number.

    Example:
        >>> from keras_classic_cnns import FractalNet20
        >>> net = FractalNet20(widths=(4, 4, 8, 8, 8))
        >>> [sum("_conv" in layer.name for layer in column(net, c).layers) for c in (1, 2, 3)]
        [5, 10, 20]

    Source: Larsson, Maire, Shakhnarovich: FractalNet: Ultra-Deep Neural Networks without Residuals,
    section 3, https://arxiv.org/abs/1605.07648.
    """
    validate.integer("number", number)
    if not isinstance(model, keras.Model) or len(getattr(model, "outputs", None) or ()) != 1:
        raise TypeError(
            f"`model` must be a functional keras.Model with one output. "
            f"{validate.received('model', model)}"
        )
    calls = graph.nodes(_functional(model))
    joins = [node for node in calls if isinstance(node.operation, FractalJoin)]
    joined = {id(node.outputs[0]): _joined(node) for node in joins}
    if not joined:
        raise ValueError(
            f"`model` has no FractalJoin, so it has no columns. "
            f"{validate.received('model', model.name)}"
        )
    columns = max(map(len, joined.values()))
    validate.integer("number", number, minimum=1, maximum=columns)
    producers = {id(tensor): node for node in calls for tensor in node.outputs}

    def rebuild(tensor: Any) -> Any:
        if id(tensor) in joined:
            return rebuild(joined[id(tensor)][number - 1 - columns])
        node = producers[id(tensor)]
        sources = node.arguments.keras_tensors
        rebuilt = [rebuild(source) for source in sources]
        if all(new is old for new, old in zip(rebuilt, sources, strict=True)):
            return tensor  # before the first join
        return node.operation(rebuilt[0] if len(rebuilt) == 1 else rebuilt)

    name = f"{model.name}_column{number}"
    alone = keras.Model(model.input, rebuild(model.outputs[0]), name=name)
    return inherit_preprocessing(alone, model)


def _joined(node: Any) -> list:
    """What a join joins, without the drawn path."""
    shape = node.outputs[0].shape
    return [tensor for tensor in node.arguments.keras_tensors if tensor.shape == shape]


def _outputs(model: Any) -> dict[str, Any]:
    """The output of each layer by its name, in the order of the network.

    `layer.output` is that of a layer's first call, which need not be the one in this model: models
    share layers, as `column` makes them.
    """
    functional = _functional(model)
    outputs = {
        node.operation.name: node.outputs[0] if len(node.outputs) == 1 else node.outputs
        for node in graph.nodes(functional)
    }
    return {layer.name: outputs[layer.name] for layer in functional.layers}


def _functional(model: Any) -> Any:
    """The model with the graph: of a sequential model, the one inside it."""
    functional = graph.functional(model)
    if not isinstance(model, keras.Model) or functional is None:
        raise TypeError(
            f"`model` must be a functional keras.Model. {validate.received('model', model)}"
        )
    return functional
