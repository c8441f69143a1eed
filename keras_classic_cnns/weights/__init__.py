"""Weights of models: what `weights=` accepts, loading it, and the names others have for it."""

from keras_classic_cnns.weights.argument import weights_loader, weights_preprocessing
from keras_classic_cnns.weights.catalog import list_weights
from keras_classic_cnns.weights.convert import load_arrays, load_state_dict
from keras_classic_cnns.weights.key_map import get_key_map, list_key_maps
from keras_classic_cnns.weights.loading import load_weights
from keras_classic_cnns.weights.preprocessing_file import read_preprocessing, write_preprocessing
from keras_classic_cnns.weights.trained_with import preprocessing_for, remember_preprocessing

__all__ = [
    "get_key_map",
    "list_key_maps",
    "list_weights",
    "load_arrays",
    "load_state_dict",
    "load_weights",
    "preprocessing_for",
    "read_preprocessing",
    "remember_preprocessing",
    "weights_loader",
    "weights_preprocessing",
    "write_preprocessing",
]
