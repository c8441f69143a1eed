"""Images in memory: what is taken, and what the errors teach."""

import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns.data import from_arrays

IMAGES = np.arange(6 * 4 * 5, dtype=np.uint8).reshape(6, 4, 5)
LABELS = [0, 1, 2, 0, 1, 2]


def test_grey_and_coloured_images():
    source = from_arrays(IMAGES, LABELS)
    images, labels = zip(*source.dataset.as_numpy_iterator(), strict=True)
    np.testing.assert_array_equal(np.stack(images)[..., 0], IMAGES)
    assert list(labels) == LABELS and labels[0].dtype == np.int64
    assert source.labels == ("0", "1", "2") and source.num_examples == 6 and source.mirror
    assert source.dataset.element_spec[0] == tf.TensorSpec((4, 5, 1), tf.uint8)
    coloured = np.repeat(IMAGES[..., None], 3, axis=-1)
    source = from_arrays(coloured, np.uint8(LABELS), "abcd".split() + list("bcd"), mirror=False)
    assert source.dataset.element_spec[0].shape == (4, 5, 3) and not source.mirror
    assert source.labels == ("abcd", "b", "c", "d") and source.in_memory
    assert from_arrays(IMAGES, LABELS, np.array(["a", "b", "c"])).labels == ("a", "b", "c")
    with pytest.raises(ValueError, match=r"6 are not. Received: labels\[0\]=-2$"):
        from_arrays(IMAGES, [-2] * 6)


@pytest.mark.parametrize(
    "images, labels, error, message",
    [
        (IMAGES / 255, LABELS, TypeError, r"np.rint\(255 \* images\).*images.dtype='float64'$"),
        (IMAGES.astype(int), LABELS, TypeError, r"images.astype\('uint8'\).*='int64'$"),
        (IMAGES > 9, LABELS, TypeError, r"255 \* images.astype.*images.dtype='bool'$"),
        (IMAGES[0], LABELS, ValueError, r"examples, height, width.*images.shape=\(4, 5\)$"),
        (IMAGES[:0], [], ValueError, r"one example at least.*images.shape=\(0, 4, 5, 1\)$"),
        (
            IMAGES.reshape(1, 6, 4, 5),
            [0],
            ValueError,
            r"channels last. .*images.shape=\(1, 6, 4, 5\)$",
        ),
        (IMAGES, LABELS[:5], ValueError, r"as many as there are images, 6. .*len\(labels\)=5$"),
        (IMAGES, np.eye(6), ValueError, r"labels.argmax\(axis=1\).*labels.shape=\(6, 6\)$"),
        (IMAGES, [[0]] * 6, ValueError, r"labels\[:, 0\] makes them. .*labels.shape=\(6, 1\)$"),
        (IMAGES, np.zeros(6), TypeError, r"must be integers.*labels.dtype='float64'$"),
        (IMAGES, list("abcabc"), TypeError, r"return_inverse=True.*labels.dtype='str"),
        (IMAGES, [0, 1, -1, 0, 1, -1], ValueError, r"0 to 1, .*; 2 are not. .*labels\[2\]=-1$"),
    ],
)
def test_errors_teach(images, labels, error, message):
    with pytest.raises(error, match=message):
        from_arrays(images, labels)


@pytest.mark.parametrize(
    "names, message",
    [
        (["a", "b"], r"Labels must be in 0 to 1, .*; 2 are not. Received: labels\[2\]=2$"),
        ("abc", "`class_names` must be a sequence of the names.*class_names='abc'$"),
        (["a", "b", "a"], r"name each class once. Received: class_names=\['a'\]$"),
        (["a", "", "b"], "`class_names` must not be empty"),
        ([], r"`class_names` must be a sequence of the names.*class_names=\[\]$"),
    ],
)
def test_class_names_fit(names, message):
    with pytest.raises(ValueError, match=message):
        from_arrays(IMAGES, LABELS, names)
