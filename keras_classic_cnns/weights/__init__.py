"""Weights of models: what `weights=` accepts, loading it, and the names others have for it."""

from keras_classic_cnns.weights.convert import load_arrays, load_state_dict
from keras_classic_cnns.weights.key_map import get_key_map, list_key_maps
from keras_classic_cnns.weights.loading import check_weights, load_weights

__all__ = [
    "check_weights",
    "get_key_map",
    "list_key_maps",
    "load_arrays",
    "load_state_dict",
    "load_weights",
]
