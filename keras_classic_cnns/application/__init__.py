"""The contract of `keras.applications`, which every constructor keeps."""

from keras_classic_cnns.application.family import Family, classifier, head_dtype, pooled_head

__all__ = ["Family", "classifier", "head_dtype", "pooled_head"]
