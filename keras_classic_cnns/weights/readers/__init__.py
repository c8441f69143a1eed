"""Reading weights files of every common format, without running anything that they hold."""

from keras_classic_cnns.weights.readers.recognition import read_arrays

__all__ = ["read_arrays"]
