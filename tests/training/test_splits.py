"""The split to evaluate on is found, and told what is wrong with."""

import dataclasses

import numpy as np
import pytest

from keras_classic_cnns import data
from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.training import splits as chosen


def test_the_validation_split_comes_before_the_test_split(monkeypatch):
    def load(name, split, data_dir):
        return dataclasses.replace(digits, name=name, split=split)

    digits = data.load("digits", "test[:1]")
    monkeypatch.setattr(data, "load", load)
    monkeypatch.setattr(data, "split_names", lambda name, data_dir: splits)
    splits = ("test", "train", "validation")
    assert chosen.load_evaluation("imagenet2012", None, None).split == "validation"
    splits = ("test", "train")
    assert chosen.load_evaluation("mnist", None, None).split == "test"
    assert chosen.load_evaluation("mnist", "train", None).split == "train"
    splits = ("train",)
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
