"""Auxiliary heads: classifiers in the middle of a net, for training only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from keras_classic_cnns.application.heads import MAIN
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import switch
from keras_classic_cnns.layers import AuxiliaryClassifier
from keras_classic_cnns.weights.trained_with import inherit_preprocessing


@dataclass(frozen=True)
class AuxiliaryHead:
    """A head of a family that has them.

    Args:
        name: Of its output, and what the names of its layers begin with: `"aux1"`.
        at: The layer it grows from.
        body: `body(x, name)`, from that layer's output to `(batch, features)`; its layers are
            named `<name>_...`.
        loss_weight: What its loss is multiplied by.
    """

    name: str
    at: str
    body: Callable[[Any, str], Any]
    loss_weight: float


def aux_heads_option() -> Any:
    """A `Config` field: whether the net has its auxiliary heads."""
    return switch(
        False,
        "Whether the net has its auxiliary heads. Its outputs are then a dictionary of "
        "`predictions`, `aux1`, ...; see `aux_loss_weights`, `with_aux_labels`, `without_aux`.",
    )


def auxiliary_outputs(
    features: keras.Model, heads: tuple[AuxiliaryHead, ...], classes: int, activation: Any, dtype
) -> dict[str, Any]:
    """Builds auxiliary heads.

    Args:
        features: The body, as a model.
        heads: What to build upon it.
        classes: Number of classes.
        activation: Of the classifiers.
        dtype: Of the classifiers.

    Returns:
        The output of each head, by its name.
    """
    outputs = {}
    for head in heads:
        x = head.body(features.get_layer(head.at).output, head.name)
        outputs[head.name] = AuxiliaryClassifier(
            classes, activation, head.loss_weight, dtype=dtype, name=head.name
        )(x)
    return outputs


def aux_loss_weights(model: Any) -> dict[str, float]:
    """What `compile(loss_weights=...)` needs: the weight of the loss of each output.

    Args:
        model: A model of this package, built with `aux_heads=True` or without; also one that was
            reloaded or renamed.

    Returns:
        1 for `predictions`, and for each auxiliary output the weight its paper gives it.

    Raises:
        TypeError: `model` is not a functional model, or the heads are those of a model inside it.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> aux_loss_weights(ResNet20())
        {'predictions': 1.0}
    """
    if not isinstance(model, keras.Model) or not getattr(model, "outputs", None):
        raise TypeError(
            f"`model` must be a functional keras.Model. {validate.received('model', model)}"
        )
    return {MAIN: 1.0, **{head.name: head.loss_weight for head in _heads(model)}}


def with_aux_labels(dataset: Any, model: Any) -> Any:
    """Gives every output of a model the labels of a dataset.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` or `(images, labels, sample_weights)`.
        model: The model that will be trained on it.

    Returns:
        A dataset of `(images, {"predictions": labels, "aux1": labels, ...})`, sample weights
        likewise; the same dataset where the model has no auxiliary heads.

    Raises:
        TypeError: `dataset` is not a `tf.data.Dataset`, or does not yield images and labels; or
            `model` is one that `aux_loss_weights` refuses.
    """
    names = list(aux_loss_weights(model))
    if not hasattr(dataset, "element_spec") or not hasattr(dataset, "map"):
        raise TypeError(
            "`dataset` must be a tf.data.Dataset; tf.data.Dataset.from_tensor_slices makes one of "
            f"arrays. {validate.received('dataset', type(dataset).__name__)}"
        )
    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) not in (2, 3) or isinstance(spec[1], dict):
        raise TypeError(
            "`dataset` must yield (images, labels) or (images, labels, sample_weights), with the "
            f"same labels for every output. {validate.received('dataset.element_spec', spec)}"
        )
    if len(names) == 1:
        return dataset
    return dataset.map(lambda images, *labels: (images, *({n: y for n in names} for y in labels)))


def without_aux(model: Any) -> Any:
    """A net without its auxiliary heads, which serve training only.

    Args:
        model: A model, built with `aux_heads=True` or without.

    Returns:
        A model of the same name, with the same layers and weights (shared, not copied), whose
        only output is that of `predictions`; the model itself where it has no auxiliary heads.

    Raises:
        TypeError: `model` is not a `keras.Model`, or the heads are those of a model inside it.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    if not _heads(model):
        return model
    main = keras.Model(model.input, model.get_layer(MAIN).output, name=model.name)
    return inherit_preprocessing(main, model)


def _heads(model: keras.Model) -> list[AuxiliaryClassifier]:
    """The auxiliary classifiers of a model; their outputs are known at its top level only."""
    has_one_output = len(getattr(model, "outputs", None) or ()) == 1  # so it is that of no head
    for layer in model.layers:
        is_head = isinstance(layer, AuxiliaryClassifier)
        if not is_head and not has_one_output and _holds_heads(layer):
            raise TypeError(
                f"`model` has auxiliary heads inside of its layer {layer.name!r}: give that "
                f"network, `model.get_layer({layer.name!r})`. "
                f"{validate.received('model', model.name)}"
            )
    return [layer for layer in model.layers if isinstance(layer, AuxiliaryClassifier)]


def _holds_heads(layer: Any) -> bool:
    inner = getattr(layer, "layers", ())
    return isinstance(layer, AuxiliaryClassifier) or any(map(_holds_heads, inner))
