"""Augmentations of one image by name, as pure functions of the image and a seed.

Each is a function `(image, seed, image_size) -> image` on uint8 images. The draws are stateless:
the same seed gives the same image, in any order, on any thread.
"""

from collections.abc import Callable, Sequence
from functools import cache

import tensorflow as tf

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.data.rand_augment import load_operations, rand_augment

Size = tuple[int, int]


def fit(image: tf.Tensor, *, image_size: Size, channels: int) -> tf.Tensor:
    """Brings an image to a model's size and number of channels, keeping its aspect ratio.

    The largest centred rectangle of the wanted aspect ratio is resized, bilinearly and with
    antialiasing where it shrinks, and rounded back to whole pixel values.

    Args:
        image: uint8 `(height, width, channels)`.
        image_size: Height and width of the result.
        channels: 1 or 3, of the result.

    Returns:
        uint8 `(*image_size, channels)`.
    """
    return resize(_centre(match_channels(image, channels), image_size), image_size)


def match_channels(image: tf.Tensor, channels: int) -> tf.Tensor:
    """Turns grey into RGB by repetition, or RGB into grey by luma; drops an alpha channel.

    Args:
        image: uint8 `(height, width, channels)` with 1 to 4 channels.
        channels: 1 or 3, of the result.
    """
    given = validate.one_of("image.shape[-1]", image.shape[-1], (1, 2, 3, 4))
    if given in (2, 4):
        image, given = image[..., :-1], given - 1
    if given == channels:
        return image
    convert = tf.image.grayscale_to_rgb if channels == 3 else tf.image.rgb_to_grayscale
    return convert(image)


def resize(image: tf.Tensor, image_size: Size) -> tf.Tensor:
    """Resizes a uint8 image bilinearly, with antialiasing where it shrinks."""
    if tuple(image.shape[:2]) == image_size:
        return image
    resized = tf.image.resize(image, image_size, method="bilinear", antialias=True)
    return _to_uint8(resized)


def pad_crop(image: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """Pads an eighth of the size with zeros on every side, and crops the size at random.

    For 32x32 that is 4 pixels, the augmentation of CIFAR in Lee et al., "Deeply-supervised nets"
    (2014), and He et al. (2015).
    """
    rows, columns = (side // 8 for side in image_size)
    padded = tf.pad(image, [[rows, rows], [columns, columns], [0, 0]])
    return tf.image.stateless_random_crop(padded, (*image_size, image.shape[-1]), seed)


def flip(image: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """Mirrors left and right for every second image."""
    return tf.image.stateless_random_flip_left_right(image, seed)


def random_resized_crop(image: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """Resizes a random rectangle of 8 to 100 % of the area, of aspect ratio 3/4 to 4/3.

    The augmentation of Szegedy et al., "Going deeper with convolutions" (2014), as used for
    ResNet and ResNeXt in fb.resnet.torch. The whole image is taken where ten draws do not fit.
    """
    start, extent, _ = tf.image.stateless_sample_distorted_bounding_box(
        tf.shape(image),
        bounding_boxes=tf.constant([[[0.0, 0.0, 1.0, 1.0]]]),
        seed=seed,
        min_object_covered=0.0,
        aspect_ratio_range=(3 / 4, 4 / 3),
        area_range=(0.08, 1.0),
        max_attempts=10,
    )
    crop = tf.slice(image, start, extent)
    crop.set_shape((None, None, image.shape[-1]))
    return resize(crop, image_size)


def cutout(image: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """Paints a square of half the side grey, centred anywhere; it may stick out of the image.

    Source: T. DeVries, G. Taylor, "Improved regularization of convolutional neural networks with
    cutout" (2017): 16 of 32 pixels on CIFAR-10. The paper fills with the mean of the set; here
    it is the middle of the range of values.
    """
    height, width = image_size
    centre = tf.random.stateless_uniform((2,), seed) * tf.constant([height, width], tf.float32)
    y, x = tf.split(tf.cast(centre, tf.int32), 2)
    square = {
        "centers_x": x,
        "centers_y": y,
        "rectangles_width": tf.constant([width // 2]),
        "rectangles_height": tf.constant([height // 2]),
    }
    batch = tf.cast(image, tf.float32)[None]
    painted = _cutout_layer().augment_images(batch, transformations=square)[0]
    return tf.ensure_shape(_to_uint8(painted), image.shape)


@cache
def _cutout_layer():
    from keras_cv.layers import RandomCutout

    return RandomCutout(0.5, 0.5, fill_value=128.0, dtype="float32")


_AUGMENTATIONS: dict[str, Callable[[tf.Tensor, tf.Tensor, Size], tf.Tensor]] = {
    "cutout": cutout,
    "flip": flip,
    "pad_crop": pad_crop,
    "rand_augment": rand_augment,
    "random_resized_crop": random_resized_crop,
}
# keras-cv's layers create a variable each, which must not happen while a pipeline is traced
_WARM_UP = {"cutout": _cutout_layer, "rand_augment": load_operations}

NAMES = tuple(_AUGMENTATIONS)


def compose(
    names: Sequence[str], *, image_size: Size, channels: int
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Makes one function that prepares a training image.

    Args:
        names: Names of `NAMES`, applied in this order to an image brought to `image_size` by
            `fit`; `"random_resized_crop"` takes the place of `fit`, wherever it stands.
        image_size: Height and width of the result.
        channels: 1 or 3, of the result; `"rand_augment"` needs 3.

    Returns:
        A function `(image, seed) -> image` from uint8 of any size and number of channels, and
        two integers, to uint8 `(*image_size, channels)`.

    Raises:
        ValueError: A name is unknown, or needs colours where `channels` is 1.

    Example:
        >>> prepare = compose(["pad_crop"], image_size=(32, 32), channels=3)
        >>> prepare(tf.zeros((8, 8, 1), tf.uint8), tf.constant([0, 1])).shape
        TensorShape([32, 32, 3])
    """
    names = _checked(names, channels)
    for name in names:
        _WARM_UP.get(name, lambda: None)()
    crop = "random_resized_crop"
    steps = tuple(_AUGMENTATIONS[name] for name in names if name != crop)

    def prepare(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        if crop in names:
            image = random_resized_crop(match_channels(image, channels), seed, image_size)
        else:
            image = fit(image, image_size=image_size, channels=channels)
        for position, step in enumerate(steps, start=1):
            own_seed = tf.random.fold_in(seed, position)
            image = step(image, own_seed, image_size)
        return tf.ensure_shape(image, (*image_size, channels))

    return prepare


def _checked(names: Sequence[str], channels: int) -> tuple[str, ...]:
    if isinstance(names, str):
        raise TypeError(
            "`augment` must be a sequence of names, such as ('pad_crop', 'flip'). "
            f"{validate.received('augment', names)}"
        )
    for name in names:
        if name not in NAMES:
            raise ValueError(
                f"`augment` may name {', '.join(map(repr, NAMES))}. "
                f"{errors.close_matches(name, NAMES)}{validate.received('augment', tuple(names))}"
            )
    if "rand_augment" in names and channels != 3:
        raise ValueError(
            "'rand_augment' changes colours, so that the model must take 3 channels. "
            f"{validate.received('channels', channels)}"
        )
    return tuple(names)


def _centre(image: tf.Tensor, image_size: Size) -> tf.Tensor:
    """The largest centred rectangle of the aspect ratio of `image_size`."""
    target_height, target_width = image_size
    height, width = image.shape[:2]
    if height and width and height * target_width == width * target_height:
        return image
    height, width = tf.unstack(tf.shape(image)[:2])
    # width * target_height / target_width, rounded, in whole numbers
    tall = (2 * width * target_height + target_width) // (2 * target_width)
    wide = (2 * height * target_width + target_height) // (2 * target_height)
    tall, wide = tf.clip_by_value(tall, 1, height), tf.clip_by_value(wide, 1, width)
    top, left = (height - tall) // 2, (width - wide) // 2
    crop = image[top : top + tall, left : left + wide]
    crop.set_shape((None, None, image.shape[-1]))
    return crop


def _to_uint8(image: tf.Tensor) -> tf.Tensor:
    return tf.saturate_cast(tf.round(image), tf.uint8)
