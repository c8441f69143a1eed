"""Model in, model out: reaching into a built network."""

import re
from collections.abc import Sequence
from typing import Any

import keras

from keras_classic_cnns.core import errors, validate


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
        model.inputs, {name: known[name] for name in names}, name=f"{model.name}_features"
    )
