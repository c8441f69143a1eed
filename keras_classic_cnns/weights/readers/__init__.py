"""Reading weights files of every common format, without running anything that they hold."""

from keras_classic_cnns.weights.readers.keras_layers import StoredLayer, read_layers
from keras_classic_cnns.weights.readers.recognition import read_arrays

__all__ = ["StoredLayer", "read_arrays", "read_layers"]
