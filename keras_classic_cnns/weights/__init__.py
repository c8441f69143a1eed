"""Weights of models: what `weights=` accepts, and loading it."""

from keras_classic_cnns.weights.loading import check_weights, load_weights

__all__ = ["check_weights", "load_weights"]
