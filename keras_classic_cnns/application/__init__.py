"""The contract of `keras.applications`, which every constructor keeps."""

from keras_classic_cnns.application.auxiliary import AuxiliaryHead, aux_heads_option
from keras_classic_cnns.application.family import Family
from keras_classic_cnns.application.heads import (
    classifier,
    convolutional_head,
    dense_head,
    dropout_head,
    head_dtype,
    pooled_head,
)

__all__ = [
    "AuxiliaryHead",
    "Family",
    "aux_heads_option",
    "classifier",
    "convolutional_head",
    "dense_head",
    "dropout_head",
    "head_dtype",
    "pooled_head",
]
