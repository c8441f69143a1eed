"""Augmentations of one image by name, as pure functions of the image and a seed.

Each is a function `(image, seed, image_size) -> image` on uint8 images. The draws are stateless:
the same seed gives the same image, in any order, on any thread.
"""

from collections.abc import Callable, Sequence
from functools import cache

import tensorflow as tf

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.data import aug_mix as aug_mixing
from keras_classic_cnns.data import colours, crops
from keras_classic_cnns.data import rand_augment as rand_augmenting
from keras_classic_cnns.data.aug_mix import aug_mix
from keras_classic_cnns.data.grid_mask import grid_mask, load_grid_mask
from keras_classic_cnns.data.rand_augment import rand_augment

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
    return resize(match_channels(centred(image, image_size), channels), image_size)


def centred(image: tf.Tensor, image_size: Size) -> tf.Tensor:
    """The largest centred rectangle of the aspect ratio of `image_size`."""
    target_height, target_width = image_size
    height, width = image.shape[:2]
    if height and width and height * target_width == width * target_height:
        return image
    return crops.cut(image, crops.centre(tf.shape(image)[:2], image_size))


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


def flip(image: tf.Tensor, seed: tf.Tensor, image_size: Size) -> tf.Tensor:
    """Mirrors left and right for every second image."""
    return tf.image.stateless_random_flip_left_right(image, seed)


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


_STEPS: dict[str, Callable[[tf.Tensor, tf.Tensor, Size], tf.Tensor]] = {
    "aug_mix": aug_mix,
    "color_jitter": colours.color_jitter,
    "cutout": cutout,
    "flip": flip,
    "grid_mask": grid_mask,
    "pad_crop": crops.pad_crop,
    "pca_color": colours.pca_color,
    "rand_augment": rand_augment,
    "reflect_pad_crop": crops.reflect_pad_crop,
}
_NEED_COLOURS = ("aug_mix", "color_jitter", "pca_color", "rand_augment")
# keras-cv's layers create a variable each, which must not happen while a pipeline is traced
_WARM_UP = {
    "aug_mix": aug_mixing.load_operations,
    "cutout": _cutout_layer,
    "grid_mask": load_grid_mask,
    "rand_augment": rand_augmenting.load_operations,
}

NAMES = tuple(sorted({**_STEPS, **crops.WINDOWS}))


def compose(
    names: Sequence[str],
    *,
    image_size: Size,
    channels: int,
    decode: Callable[[tf.Tensor], tf.Tensor] | None = None,
    decoded_channels: int | None = None,
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Makes one function that prepares a training image.

    Args:
        names: Names of `NAMES`, applied in this order to an image brought to `image_size` by
            `fit`. A crop of the image as it is stored, one of `crops.WINDOWS`, takes the place
            of `fit`, wherever it stands; there may be one.
        image_size: Height and width of the result.
        channels: 1 or 3, of the result; names that change colours need 3.
        decode: Decodes an image file. Where it is given, the function made takes the bytes of
            a file, and decodes of a JPEG only the window that it needs.
        decoded_channels: What `decode` gives; a JPEG is decoded in part if it is 1 or 3. Without
            `decode` all files are JPEGs of one or three components, or an error when it runs.

    Returns:
        A function `(image, seed) -> image` from uint8 of any size and number of channels, and
        two integers, to uint8 `(*image_size, channels)`.

    Raises:
        ValueError: A name is unknown, or needs colours where `channels` is 1, or is a second
            crop.

    Example:
        >>> prepare = compose(["pad_crop"], image_size=(32, 32), channels=3)
        >>> prepare(tf.zeros((8, 8, 1), tf.uint8), tf.constant([0, 1])).shape
        TensorShape([32, 32, 3])
    """
    names = _checked(names, channels)
    for name in names:
        _WARM_UP.get(name, lambda: None)()
    crop = next((name for name in names if name in crops.WINDOWS), None)
    steps = tuple(_STEPS[name] for name in names if name != crop)

    def window(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        def draw(sides: tf.Tensor) -> tf.Tensor:
            if crop is None:
                return crops.centre(sides, image_size)
            return crops.WINDOWS[crop](sides, seed, image_size)

        if decode is not None or decoded_channels is not None:
            return crops.cut_file(image, draw, decode=decode, channels=decoded_channels)[0]
        if crop is None:
            return centred(image, image_size)
        return crops.cut(image, draw(tf.shape(image)[:2]))

    def prepare(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        image = resize(match_channels(window(image, seed), channels), image_size)
        for position, step in enumerate(steps, start=1):
            own_seed = tf.random.fold_in(seed, position)
            image = step(image, own_seed, image_size)
        return tf.ensure_shape(image, (*image_size, channels))

    return prepare


def for_channels(names: Sequence[str], channels: int) -> tuple[str, ...]:
    """The names that images of so many channels can take: of grey ones colours do not change.

    Example:
        >>> for_channels(("crop_of_256", "pca_color", "flip"), channels=1)
        ('crop_of_256', 'flip')
    """
    return tuple(name for name in names if channels == 3 or name not in _NEED_COLOURS)


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
        if name in _NEED_COLOURS and channels != 3:
            raise ValueError(
                f"{name!r} changes colours, so that the model must take 3 channels. "
                f"{validate.received('channels', channels)}"
            )
    if sum(name in crops.WINDOWS for name in names) > 1:
        raise ValueError(
            f"`augment` may name one of {', '.join(map(repr, crops.WINDOWS))}: each cuts a window "
            f"out of the stored image. {validate.received('augment', tuple(names))}"
        )
    return tuple(names)


def _to_uint8(image: tf.Tensor) -> tf.Tensor:
    return tf.saturate_cast(tf.round(image), tf.uint8)
