"""Batch normalisation over all replicas."""

from typing import Any

import keras

from keras_classic_cnns.core import validate


def synchronize_batch_norm(model: Any, synchronized: bool = True) -> int:
    """Lets batch normalisation take its statistics from the global batch instead of each share.

    Training over replicas then equals training on one device with the same global batch, up to
    rounding: Keras computes the synchronized variance as E[x^2] - E[x]^2, which loses digits in
    float32. It costs an exchange for every normalisation. Call it before the model is compiled.

    Left as it is, every replica has moving averages of its own: `evaluate` uses each replica's,
    and a saved model holds those of the first.

    Args:
        model: A model. Normalisations inside of other layers count as well.
        synchronized: `False` takes the statistics of each share again.

    Returns:
        The number of layers that were set.

    Raises:
        TypeError: `model` is not a `keras.Model`, or `synchronized` is no boolean.

    Example:
        >>> from keras_classic_cnns import ResNet20
        >>> synchronize_batch_norm(ResNet20(weights=None))
        19
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    validate.boolean("synchronized", synchronized)
    # Keras lists layers inside of layers nowhere else
    layers = [
        layer
        for layer in model._flatten_layers(include_self=False)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    for layer in layers:
        layer.synchronized = synchronized
    return len(layers)
