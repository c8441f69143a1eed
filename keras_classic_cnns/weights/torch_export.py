"""Weights of our networks for PyTorch: a state dict that torchvision or timm load."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_classic_cnns import registry
from keras_classic_cnns.core import errors, files, validate
from keras_classic_cnns.core.graph import functional
from keras_classic_cnns.weights.graph import flattened_maps
from keras_classic_cnns.weights.inverse_map import find_key
from keras_classic_cnns.weights.key_map import get_key_map
from keras_classic_cnns.weights.layout import to_torch_layout
from keras_classic_cnns.weights.same_graph import first_difference
from keras_classic_cnns.weights.torch_peers import TorchPeer, torch_peers

__all__ = ["to_torch_state_dict"]


def to_torch_state_dict(
    model: Any, path: str | os.PathLike | None = None, *, peer: str | None = None
) -> dict[str, np.ndarray]:
    """The weights of a model as a state dict of torchvision's or timm's network of that kind.

    What they load with `strict=True` computes what the model does. So the model must be their
    graph, which is checked layer by layer: a `ResNet50(stride_in="1x1")` has the weights of theirs
    and is another network. The activation of the output is not part of their networks, which give
    logits.

        kcc.to_torch_state_dict(model, "net.safetensors")
        net = torchvision.models.resnet50(num_classes=model.output_shape[-1])
        net.load_state_dict(safetensors.torch.load_file("net.safetensors"))

    Args:
        model: A network of this package with its classifier, also a trained or reloaded one, with
            any number of classes and channels.
        path: A `.safetensors` file to write, or `None`.
        peer: The network that will load them, `"timm/vgg16"`. By default it is found from the
            model; where both libraries have it and give other names to the weights, it is
            torchvision's.

    Returns:
        Arrays by torch's keys, float32 in torch's layout (output channels first). Where the model
        has no gamma it is 1, and `num_batches_tracked` is 0. The file also says, in its metadata,
        which network it is for and what its constructor must be told, as `peer` and
        `peer_options`.

    Raises:
        TypeError: `model` is not a functional model.
        UnsupportedModelError: Neither library has this network, or it has another graph; the
            message says where it differs.
        ValueError: There is no such `peer`, or `path` ends otherwise.

    Example:
        >>> from keras_classic_cnns import SqueezeNet11
        >>> state = to_torch_state_dict(SqueezeNet11(weights=None, classes=10))
        >>> state["features.0.weight"].shape, state["classifier.1.weight"].shape
        ((64, 3, 3, 3), (10, 512, 1, 1))
    """
    if not isinstance(model, keras.Model) or functional(model) is not model:
        raise TypeError(
            f"`model` must be a functional keras.Model. {validate.received('model', model)}"
        )
    if path is not None and Path(path).suffix != ".safetensors":
        raise ValueError(
            f"`path` must end with .safetensors. {validate.received('path', str(path))}"
        )
    twin = _twin(model, peer)
    state = dict(_arrays(model, twin))
    for key in [key for key in state if key.endswith(".running_var")]:
        module = key.removesuffix(".running_var")
        state.setdefault(f"{module}.weight", np.ones_like(state[key]))
        state[f"{module}.num_batches_tracked"] = np.zeros((), np.int64)
    if path is not None:
        _write(path, state, twin)
    return state


def _arrays(model: Any, twin: TorchPeer) -> Iterator[tuple[str, np.ndarray]]:
    """The variables of a model, as torch has them, by torch's keys."""
    key_map, flattened = get_key_map(twin.key_map), flattened_maps(model)
    paths = {weight.path for weight in model.weights}
    for weight in model.weights:
        if weight.dtype == "uint32":  # the state of a random generator
            continue
        key = find_key(weight.path, key_map, paths, twin.alternative)
        yield (
            key,
            to_torch_layout(
                keras.ops.convert_to_numpy(weight),
                weight.path,
                flattened=flattened.get(weight.path),
                is_convolution=bool(re.fullmatch(twin.convolutions, key.rpartition(".")[0])),
            ),
        )


def _twin(model: Any, name: str | None) -> TorchPeer:
    """The network of another library that computes what the model does."""
    candidates = _candidates(model, name)
    differences: dict[str, str | None] = {}
    for twin in candidates:
        call = _call(twin)
        if call not in differences:
            differences[call] = _difference(model, twin)
        if differences[call] is None:
            return twin
    reasons = "; ".join(f"of {call}, but here {reason}" for call, reason in differences.items())
    names = ", ".join(dict.fromkeys(twin.name for twin in candidates))
    raise errors.UnsupportedModelError(
        f"{names} would not compute what this model does. The graph there is that {reasons}. "
        f"{validate.received('model', model.name)}"
    )


def _candidates(model: Any, name: str | None) -> list[TorchPeer]:
    spec = registry.spec_of(model)
    if name is not None:
        known = {twin.name for twin in torch_peers()}
        if validate.string("peer", name) not in known:
            raise ValueError(
                "`peer` must be a network of torchvision or timm that this package has too. "
                f"{errors.close_matches(name, known)}{validate.received('peer', name)}"
            )
        found = [twin for twin in torch_peers() if twin.name == name]
        return [twin for twin in found if spec and twin.model == spec.name] or found
    if spec is None:
        raise errors.UnsupportedModelError(
            "Which network the model is cannot be told from its name and its input; `peer` can say "
            f"it, such as 'torchvision/resnet50'. {validate.received('model', model.name)}"
        )
    found = [twin for twin in torch_peers() if twin.model == spec.name]
    if not found:
        raise errors.UnsupportedModelError(
            f"Neither torchvision nor timm has {spec.constructor}, so nothing of theirs could load "
            f"its weights. {validate.received('model', model.name)}"
        )
    return found


def _difference(model: Any, twin: TorchPeer) -> str | None:
    """Where a model leaves the graph of ours that is the other library's."""
    builder = registry.get_builder(twin.model)
    try:
        reference = builder(weights=None, input_shape=model.input_shape[1:], **twin.options)
    except ValueError as error:  # auxiliary heads need larger images than the rest of a net
        return f"the input does not suit it ({error})"
    return first_difference(model, reference)


def _call(twin: TorchPeer) -> str:
    options = ", ".join(f"{key}={value!r}" for key, value in twin.options.items())
    return f"{registry.get_spec(twin.model).constructor}({options})"


def _write(path: str | os.PathLike, state: dict[str, np.ndarray], twin: TorchPeer) -> None:
    # where it is used, as other formats need no such package
    from safetensors.numpy import save_file

    # timm refuses files that do not say whose layout they have
    metadata = {
        "format": "pt",
        "peer": twin.name,
        "peer_options": json.dumps(dict(twin.peer_options)),
    }
    with files.atomic_path(path) as temporary:
        save_file(state, temporary, metadata)
