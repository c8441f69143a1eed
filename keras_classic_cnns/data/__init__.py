"""Beside the floors: image classification sets and input pipelines; tf.data and TFDS only."""

from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.data import augment, datasets, labels, pipeline
from keras_classic_cnns.data.arrays import from_arrays
from keras_classic_cnns.data.datasets import Source, load, split_names
from keras_classic_cnns.data.evaluation_split import evaluation_split
from keras_classic_cnns.data.mixing import mix
from keras_classic_cnns.data.pipeline import (
    decode_image_file,
    eval_batches,
    prepare_image,
    steps_per_epoch,
    train_batches,
)
from keras_classic_cnns.data.tfrecords import from_tfrecords

__all__ = [
    "Mixing",
    "Source",
    "augment",
    "datasets",
    "decode_image_file",
    "eval_batches",
    "evaluation_split",
    "from_arrays",
    "from_tfrecords",
    "labels",
    "load",
    "mix",
    "pipeline",
    "prepare_image",
    "split_names",
    "steps_per_epoch",
    "train_batches",
]
