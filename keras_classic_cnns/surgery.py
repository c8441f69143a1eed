"""Model in, model out: reaching into a built network."""

import re
from collections.abc import Sequence
from typing import Any

import keras

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.layers import FractalJoin


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
        ValueError: No layer is named so.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> {name: tensor.shape[1:] for name, tensor in endpoints(ResNet20()).items()}
        {'stem': (32, 32, 16), 'stage1': (32, 32, 16), 'stage2': (16, 16, 32), 'stage3': (8, 8, 64)}
    """
    last = {}
    for layer in model.layers:
        stage = re.match(r"(stem|stage\d+)_", layer.name)
        if stage and not layer.name.endswith("_pad"):
            last[stage[1]] = layer.output
    if not last:
        raise ValueError(
            "`model` has no layers named `stem_...` or `stage<i>_...`, as the networks of this "
            f"package have. Received: model={getattr(model, 'name', model)!r}"
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
        TypeError: `names` is not a sequence of names.
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
    known = {layer.name: layer.output for layer in model.layers} | endpoints(model)
    for name in names:
        if validate.string("names", name) not in known:
            raise ValueError(
                f"There is neither an endpoint nor a layer of this name. "
                f"{errors.close_matches(name, known)}The endpoints are "
                f"{', '.join(endpoints(model))}. {validate.received('names', name)}"
            )
    return keras.Model(
        model.input, {name: known[name] for name in names}, name=f"{model.name}_features"
    )


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
    joined = {
        layer.name: _joined(layer) for layer in model.layers if isinstance(layer, FractalJoin)
    }
    if not joined:
        raise ValueError(
            f"`model` has no FractalJoin, so it has no columns. "
            f"{validate.received('model', model.name)}"
        )
    columns = max(map(len, joined.values()))
    validate.integer("number", number, minimum=1, maximum=columns)
    producers = {id(layer.output): layer for layer in model.layers}

    def rebuild(tensor: Any) -> Any:
        layer = producers[id(tensor)]
        if layer.name in joined:
            return rebuild(joined[layer.name][number - 1 - columns])
        sources = [] if isinstance(layer, keras.layers.InputLayer) else _inputs(layer)
        rebuilt = [rebuild(source) for source in sources]
        if all(new is old for new, old in zip(rebuilt, sources, strict=True)):
            return tensor  # before the first join
        return layer(rebuilt[0] if len(rebuilt) == 1 else rebuilt)

    name = f"{model.name}_column{number}"
    return keras.Model(model.input, rebuild(model.outputs[0]), name=name)


def _joined(layer: FractalJoin) -> list:
    """What a join joins, without the drawn path."""
    tensors = _inputs(layer)
    return [tensor for tensor in tensors if tensor.shape == layer.output.shape]


def _inputs(layer: Any) -> list:
    return layer.input if isinstance(layer.input, list) else [layer.input]
