"""Labels that are no class, and sources of different classes."""

import dataclasses

import pytest
import tensorflow as tf

from keras_classic_cnns.data import from_arrays, labels


def source(*numbers):
    images = tf.zeros((len(numbers), 4, 4, 1), tf.uint8)
    pairs = tf.data.Dataset.from_tensor_slices((images, list(numbers)))
    made = from_arrays(images.numpy(), [0] * len(numbers), ["cat", "dog"])
    encoded = pairs.map(lambda _, label: ("bytes", label, tf.strings.as_string(label) + ".jpg"))
    return dataclasses.replace(made, dataset=pairs, encoded=encoded)


def test_labels_of_the_classes_pass():
    checked = labels.checked(source(0, 1, 0))
    assert [int(label) for _, label in checked.dataset] == [0, 1, 0]
    assert [int(label) for _, label, _ in checked.encoded] == [0, 1, 0]
    assert checked.dataset.element_spec[0].shape == (4, 4, 1)
    assert labels.checked(dataclasses.replace(source(0), encoded=None)).encoded is None


@pytest.mark.parametrize("wrong", [-1, 2])
def test_an_error_names_the_example(wrong):
    checked = labels.checked(source(0, 1, wrong))
    message = rf"none of the 2 classes, 0 to 1. Example:.*{{}}.*Received: label=.*{wrong}"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message.format("number 2")):
        list(checked.dataset)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message.format(f"{wrong}.jpg")):
        list(checked.encoded)


def test_sources_of_different_classes():
    more = dataclasses.replace(source(0), split="test", labels=("cat", "dog", "cow"))
    labels.check_same_classes(source(0), source(1))
    with pytest.raises(ValueError, match=r"arrays, train\) have 2 .*arrays, test\) 3: .*'cow'\)$"):
        labels.check_same_classes(source(0), more)
    other = dataclasses.replace(source(0), split="test", labels=("cat", "cow"))
    told = r"Class 1 is 'dog' in the .*arrays, train\) and 'cow' in the .*arrays, test\).*'cow'\)$"
    with pytest.raises(ValueError, match=told):
        labels.check_same_classes(source(0), other)
    numbered = dataclasses.replace(source(0), labels=("0", "1"))
    labels.check_same_classes(source(0), numbered)
    labels.check_same_classes(numbered, source(0))
