import numpy as np
import pytest
import tensorflow as tf

from keras_classic_cnns import data
from keras_classic_cnns.data import views


def numbered(height, width):
    """An image in which every pixel is another one."""
    pixels = np.arange(height * width * 3, dtype="uint8").reshape(height, width, 3)
    return pixels


def test_ten_crops_are_corners_and_centre_and_mirror_images():
    image = numbered(6, 9)
    crops = views.ten_crop(image, (4, 4), 6).numpy()
    assert crops.shape == (10, 4, 4, 3)
    corners = [image[:4, :4], image[:4, 5:], image[2:, :4], image[2:, 5:], image[1:5, 2:6]]
    np.testing.assert_array_equal(crops[:5], corners)
    np.testing.assert_array_equal(crops[5:], np.array(corners)[:, :, ::-1])
    np.testing.assert_array_equal(views.ten_crop(image, (4, 4), 6, mirror=False), corners)


def test_the_shorter_side_is_resized_and_must_hold_a_crop():
    assert views.ten_crop(numbered(20, 30), (8, 8), 10).shape == (10, 8, 8, 3)
    with pytest.raises(ValueError, match="`shorter_side` must be at least 8. Received: .*=7"):
        views.ten_crop(numbered(20, 30), (8, 8), 7)


@pytest.mark.parametrize("known", [True, False])
def test_whole_images_keep_their_aspect_ratio(known):
    signature = tf.TensorSpec((10, 15, 3) if known else (None, None, 3), tf.uint8)
    rescaled = tf.function(lambda image: views.rescale(image, 7), input_signature=[signature])
    assert rescaled(numbered(10, 15)).shape == (7, 11, 3)
    plain = tf.image.resize(numbered(10, 15), (7, 11), antialias=True)
    np.testing.assert_allclose(rescaled(numbered(10, 15)), plain, atol=0.51)


def source_of(images, mirror=True, known=True):
    """A set of these images, whose label is the number of the image."""
    spec = tf.TensorSpec(images[0].shape if known else (None, None, 3), tf.uint8)
    pairs = tf.data.Dataset.from_generator(
        lambda: ((image, label) for label, image in enumerate(images)),
        output_signature=(spec, tf.TensorSpec((), tf.int64)),
    )
    return data.Source("mine", "test", pairs, len(images), ("a", "b", "c"), mirror=mirror)


@pytest.mark.parametrize(("mirror", "crops"), [(True, 10), (False, 5)])
def test_batches_of_crops_are_scaled_and_in_order(mirror, crops):
    source = source_of([numbered(6, 9) + k for k in range(3)], mirror)
    batches = views.ten_crop_batches(
        source,
        image_size=(4, 4),
        channels=3,
        preprocessing="tf",
        batch_size=2,
        shorter_side=6,
    )
    (first,), labels = next(iter(batches))
    assert first.shape == (2, crops, 4, 4, 3) and labels.numpy().tolist() == [0, 1]
    np.testing.assert_allclose(first[0, 0], numbered(6, 9)[:4, :4] / 127.5 - 1, atol=1e-6)
    assert sum(len(labels) for _, labels in batches) == 3


def test_whole_images_of_one_size_come_in_batches_others_one_by_one():
    common = {"shorter_sides": (6, 8), "channels": 1, "preprocessing": "raw", "batch_size": 2}
    of_one_size = source_of([numbered(6, 9)] * 3)
    shapes = [[tuple(x.shape) for x in x] for x, _ in views.whole_batches(of_one_size, **common)]
    assert shapes[0] == [(2, 2, 6, 9, 1), (2, 2, 8, 12, 1)] and len(shapes) == 2
    several = source_of([numbered(6, 9), numbered(9, 6)], mirror=False, known=False)
    shapes = [[tuple(x.shape) for x in x] for x, _ in views.whole_batches(several, **common)]
    assert shapes == [[(1, 1, 6, 9, 1), (1, 1, 8, 12, 1)], [(1, 1, 9, 6, 1), (1, 1, 12, 8, 1)]]


def test_the_mirror_image_is_the_second_view():
    batches = views.whole_batches(
        source_of([numbered(4, 5)]),
        shorter_sides=(4,),
        channels=3,
        preprocessing="raw",
        batch_size=1,
    )
    ((x,), _) = next(iter(batches))
    np.testing.assert_array_equal(x[0, 0], numbered(4, 5))
    np.testing.assert_array_equal(x[0, 1], x[0, 0, :, ::-1])


def test_damaged_files_are_left_out():
    contents = [tf.io.encode_png(numbered(6, 9) + number).numpy() for number in range(4)]
    contents[1] = contents[1][:30]
    encoded = tf.data.Dataset.from_tensor_slices((contents, range(4), ["a", "b", "c", "d"]))
    decode = tf.io.decode_png
    dataset = encoded.map(lambda content, label, name: (decode(content, channels=3), label))
    source = data.Source(
        "mine",
        "test",
        dataset,
        4,
        tuple("abcd"),
        encoded=encoded,
        decode=lambda content: decode(content, channels=3),
    )
    common = {"channels": 3, "preprocessing": "raw", "batch_size": 2}
    crops = views.ten_crop_batches(source, image_size=(4, 4), shorter_side=6, **common)
    whole = views.whole_batches(source, shorter_sides=(6,), **common)
    for batches in (crops, whole):
        assert [int(label) for _, labels in batches for label in labels] == [0, 2, 3]
