"""Loads what a graph has no variable for into those that it has, with the same outputs.

Batch normalisation computes, of z = W x + b,

    y = gamma (z - mean) / sqrt(variance + epsilon) + beta

which stays the same when

    a bias b that the layer in front lacks goes into the mean:     mean - b
    a gamma that the normalisation lacks goes into both:           gamma W, gamma mean (and gamma b)
    another epsilon e goes into the variance:                      variance + e - epsilon
"""

from typing import Any

import numpy as np

from keras_classic_cnns.weights import graph


def foldable(model: Any) -> dict[str, tuple[int]]:
    """The variables that a model lacks and that can be folded, shape by path.

    Args:
        model: A functional model.

    Returns:
        `<convolution>/bias` where batch normalisation follows, and `<normalisation>/gamma` where a
        convolution or a dense layer is in front.
    """
    shapes = {}
    for pair in graph.normalised_layers(model):
        if not pair.has_bias:
            shapes[f"{pair.layer}/bias"] = (pair.filters,)
        if not pair.has_gamma:
            shapes[f"{pair.norm}/gamma"] = (pair.filters,)
    return shapes


def fold(
    model: Any, values: dict[str, np.ndarray], epsilon: float | None = None
) -> dict[str, np.ndarray]:
    """Folds values for which the model has no variable into the others.

    Args:
        model: A functional model.
        values: In Keras's layout, by path: one for each variable of the model, and perhaps some
            for paths of `foldable`.
        epsilon: What the batch normalisation adds that the values come from; `None` where it is
            the model's.

    Returns:
        A value for each variable of the model.
    """
    values = dict(values)
    for pair in graph.normalised_layers(model):
        bias, gamma = f"{pair.layer}/bias", f"{pair.norm}/gamma"
        mean = f"{pair.norm}/moving_mean"
        if not pair.has_bias and bias in values:
            values[mean] = values[mean] - values.pop(bias)
        if not pair.has_gamma and gamma in values:
            scale = values.pop(gamma)
            scaled = [f"{pair.layer}/kernel", mean, *([bias] if pair.has_bias else [])]
            values |= {path: values[path] * scale for path in scaled}
    if epsilon is not None:
        for path, ours in graph.epsilons(model).items():
            # in double precision, since the difference is far below a variance of one
            values[path] = values[path].astype("float64") + (epsilon - ours)
    return values
