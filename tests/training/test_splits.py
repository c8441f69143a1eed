"""The split to evaluate on is found, and told what is wrong with."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns import data
from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.training import splits as chosen


def test_without_a_split_to_evaluate_on_it_says_how_to_make_one(monkeypatch):
    assert chosen.load_evaluation("digits", None, None).split == "test"
    assert chosen.load_evaluation("digits", "train[:3]", None).split == "train[:3]"
    monkeypatch.setattr(data, "evaluation_split", lambda name, data_dir: None)
    with pytest.raises(ValueError, match=r"Hold a part .*train\[90%:\].*dataset='tf_flowers'"):
        chosen.load_evaluation("tf_flowers", None, None)


@pytest.mark.parametrize(
    ("dataset", "error", "message"),
    [
        ("cifra10", ValueError, "no set of this name.*Did you mean 'cifar10'"),
        ("imagenette/400px", ValueError, "There is 'imagenette/full-size-v2'"),
        ("cifar10", MissingDataError, "'cifar10' is not on this disk"),
    ],
)
def test_what_keeps_a_set_from_being_evaluated_is_told_as_it_is(dataset, error, message, tmp_path):
    with pytest.raises(error, match=message):
        chosen.load_evaluation(dataset, None, str(tmp_path))


def test_labels_within_the_classes_pass():
    chosen.check_labels(np.array([0, 9]), 10, "here")
    with pytest.raises(ValueError, match="Received: label=10"):
        chosen.check_labels(np.array([0, 10]), 10, "here")


def test_labels_behind_the_first_are_checked_as_they_are_read():
    source = data.load("digits", "train[:3]")
    later = source.encoded.map(lambda image, label, name: (image, label + 99, name)).skip(1)
    wrong = dataclasses.replace(source, encoded=source.encoded.take(1).concatenate(later))
    with pytest.raises(tf.errors.InvalidArgumentError, match="0 to 9. Example:.*digits-train.*"):
        list(chosen.labelled(wrong).encoded)
