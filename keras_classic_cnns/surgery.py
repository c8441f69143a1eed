"""Model in, model out: reaching into a built network."""

import re
from typing import Any


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
