"""From a trained `keras.Model` to a SavedModel that TensorFlow Serving takes."""

from keras_classic_cnns.export.check import check
from keras_classic_cnns.export.saved_model import saved_model

__all__ = ["check", "saved_model"]
