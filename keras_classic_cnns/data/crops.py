"""Which window of an image a model sees, and how only that window is decoded.

A window is drawn from the height and the width of an image and a seed, before there are pixels.
So a JPEG file, whose size stands in its header, is decoded no further than the window, and the
window is the same as that of an image that was decoded whole.
"""

from collections.abc import Callable

import tensorflow as tf

Size = tuple[int, int]
# (height and width, seed, image_size) -> top, left, height and width of the window
Window = Callable[[tf.Tensor, tf.Tensor, Size], tf.Tensor]


def centre(sides: tf.Tensor, image_size: Size) -> tf.Tensor:
    """The largest centred window of the aspect ratio of a size.

    Args:
        sides: Height and width of the image, int32 `(2,)`.
        image_size: Height and width that give the aspect ratio.

    Returns:
        Top, left, height and width of the window, int32 `(4,)`, as of every window.

    Example:
        >>> centre(tf.constant([375, 500]), (224, 224)).numpy().tolist()
        [0, 62, 375, 375]
    """
    target_height, target_width = image_size
    height, width = tf.unstack(sides)
    # width * target_height / target_width, rounded, in whole numbers
    tall = (2 * width * target_height + target_width) // (2 * target_width)
    wide = (2 * height * target_width + target_height) // (2 * target_height)
    tall, wide = tf.clip_by_value(tall, 1, height), tf.clip_by_value(wide, 1, width)
    return tf.stack([(height - tall) // 2, (width - wide) // 2, tall, wide])


def random_resized_crop(sides: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """A random rectangle of 8 to 100 % of the area, of aspect ratio 3/4 to 4/3.

    The augmentation of Szegedy et al., "Going deeper with convolutions" (2014), as used for
    ResNet and ResNeXt in fb.resnet.torch. The whole image is taken where ten draws do not fit.
    """
    start, extent, _ = tf.image.stateless_sample_distorted_bounding_box(
        tf.concat([sides, [3]], axis=0),
        bounding_boxes=tf.constant([[[0.0, 0.0, 1.0, 1.0]]]),
        seed=seed,
        min_object_covered=0.0,
        aspect_ratio_range=(3 / 4, 4 / 3),
        area_range=(0.08, 1.0),
        max_attempts=10,
    )
    return tf.concat([start[:2], extent[:2]], axis=0)


def crop_of_256(sides: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """What a random crop shows of an image whose shorter side became 256 / 224 of the size.

    The augmentation of Krizhevsky et al., "ImageNet classification with deep convolutional
    neural networks" (2012), whose crops of 224 come from images of 256, and of Caffe.
    """
    return _of_short_side(sides, seed, image_size, tf.constant(256 / 224))


def scale_jitter(sides: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """What a random crop shows where the shorter side is drawn from 256..480 for a crop of 224.

    Source: He et al., "Deep residual learning for image recognition" (2015), section 3.4.
    """
    return _jittered(sides, seed, image_size, 480)


def scale_jitter_512(sides: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """What a random crop shows where the shorter side is drawn from 256..512 for a crop of 224.

    Source: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image
    recognition" (2014), section 3.1.
    """
    return _jittered(sides, seed, image_size, 512)


def _jittered(sides: tf.Tensor, seed: tf.Tensor, image_size: Size, longest: int) -> tf.Tensor:
    seed, own_seed = tf.unstack(tf.random.split(seed))
    ratio = tf.random.stateless_uniform((), own_seed, 256 / 224, longest / 224)
    return _of_short_side(sides, seed, image_size, ratio)


def _of_short_side(
    sides: tf.Tensor, seed: tf.Tensor, image_size: Size, ratio: tf.Tensor
) -> tf.Tensor:
    """A window anywhere that fills the size once the shorter side is `ratio` times the size.

    The paper resizes and then crops. Here what the crop will show is cut out before it is
    resized, at whole pixels of the image; so the last pixels at the edges are not smoothed with
    what lies beyond.
    """
    extents = tf.cast(image_size, tf.float32)
    pixels = tf.reduce_min(tf.cast(sides, tf.float32) / extents) / ratio  # a pixel of the result
    window = tf.cast(tf.round(extents * pixels), tf.int32)
    window = tf.clip_by_value(window, 1, sides)
    room = tf.cast(sides - window + 1, tf.float32)
    corner = tf.cast(tf.random.stateless_uniform((2,), seed) * room, tf.int32)
    return tf.concat([tf.minimum(corner, sides - window), window], axis=0)


WINDOWS: dict[str, Window] = {
    "crop_of_256": crop_of_256,
    "random_resized_crop": random_resized_crop,
    "scale_jitter": scale_jitter,
    "scale_jitter_512": scale_jitter_512,
}


def cut(image: tf.Tensor, window: tf.Tensor) -> tf.Tensor:
    """The pixels in a window, `(window height, window width, channels)`."""
    start = tf.concat([window[:2], [0]], axis=0)
    crop = tf.slice(image, start, tf.concat([window[2:], [-1]], axis=0))
    crop.set_shape((None, None, image.shape[-1]))
    return crop


def cut_file(
    content: tf.Tensor,
    window: Callable[[tf.Tensor], tf.Tensor],
    *,
    decode: Callable[[tf.Tensor], tf.Tensor] | None,
    channels: int,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The pixels in a window of an image file; of a JPEG file no others are decoded.

    Args:
        content: The bytes of the file.
        window: A function from height and width, int32 `(2,)`, to the window.
        decode: Decodes a whole file of any other format, and JPEGs of four components, which
            TensorFlow does not decode in part. With `None` they are an error when it runs.
        channels: What `decode` gives; only with 1 or 3 are JPEGs decoded in part.

    Returns:
        uint8 `(window height, window width, channels)`, the window, and the height and width of
        the image.
    """

    def part(sides: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        here = window(sides)
        return tf.image.decode_and_crop_jpeg(content, here, channels=channels), here, sides

    def whole() -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        image = decode(content)
        sides = tf.shape(image)[:2]
        here = window(sides)
        return cut(image, here), here, sides

    if decode is None:
        shape = tf.io.extract_jpeg_shape(content)
        passed = tf.debugging.Assert(_is_plain(shape), ["A JPEG of four components"])
        with tf.control_dependencies([passed]):
            sides = shape[:2]
        return part(sides)
    if channels not in (1, 3):
        return whole()
    shape = tf.cond(
        tf.io.is_jpeg(content),
        lambda: tf.io.extract_jpeg_shape(content),
        lambda: tf.zeros(3, tf.int32),
    )
    crop, here, sides = tf.cond(_is_plain(shape), lambda: part(shape[:2]), whole)
    crop.set_shape((None, None, channels))
    return crop, here, sides


def _is_plain(shape: tf.Tensor) -> tf.Tensor:
    """Whether a JPEG is one of grey or of colours."""
    return tf.reduce_any(shape[2] == (1, 3))


def pad_crop(image: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """Pads an eighth of the size with zeros on every side, and crops the size at random.

    For 32x32 that is 4 pixels, the augmentation of CIFAR in Lee et al., "Deeply-supervised nets"
    (2014), and He et al. (2015).
    """
    return _padded(image, seed, image_size, "CONSTANT")


def reflect_pad_crop(image: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """`pad_crop` with the image's own mirror image in place of zeros.

    Source: Zagoruyko, Komodakis, "Wide residual networks" (2016), section 3.
    """
    return _padded(image, seed, image_size, "REFLECT")


def _padded(image: tf.Tensor, seed: tf.Tensor, image_size: Size, mode: str) -> tf.Tensor:
    rows, columns = (side // 8 for side in image_size)
    padded = tf.pad(image, [[rows, rows], [columns, columns], [0, 0]], mode)
    return tf.image.stateless_random_crop(padded, (*image_size, image.shape[-1]), seed)
