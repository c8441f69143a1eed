"""GridMask: a grid of squares is painted black, with keras-cv's layer and draws of our own."""

import math
from functools import cache
from typing import Any

import tensorflow as tf

MAX_RATIO = 0.5  # side of a square, as a share of the distance to the next
MAX_TURN = 0.15  # of a full turn, in either direction


def grid_mask(image: tf.Tensor, seed: tf.Tensor, image_size: tuple[int, int]) -> tf.Tensor:
    """Paints a turned grid of black squares over an image.

    The distance of the squares is drawn between 0.3 of the width and 0.5 of the height, their
    side from 0 to 0.5 of it, as keras-cv does by default.

    Source: P. Chen et al., "GridMask data augmentation" (2020).

    Args:
        image: uint8 `(height, width, channels)`.
        seed: Two integers.
        image_size: Height and width, as for every augmentation.

    Returns:
        uint8 `(height, width, channels)`.
    """
    mask = tf.cast(_mask(seed, image_size), tf.float32)[..., None]
    painted = load_grid_mask().augment_image(image, transformation=(mask, tf.zeros_like(image)))
    return tf.ensure_shape(painted, image.shape)


def _mask(seed: tf.Tensor, image_size: tuple[int, int]) -> tf.Tensor:
    """True where a square is, `(height, width)`."""
    height, width = image_size
    ratio, distance, down, right, turn = tf.unstack(tf.random.stateless_uniform((5,), seed))
    near, far = sorted((0.5 * height, 0.3 * width))
    distance = near + (far + 1 - near) * distance
    angle = 2 * math.pi * MAX_TURN * (2 * turn - 1)
    y = tf.range(height, dtype=tf.float32)[:, None] - (height - 1) / 2
    x = tf.range(width, dtype=tf.float32)[None] - (width - 1) / 2
    along = tf.math.floormod(x * tf.cos(angle) + y * tf.sin(angle) + right * distance, distance)
    across = tf.math.floormod(y * tf.cos(angle) - x * tf.sin(angle) + down * distance, distance)
    side = MAX_RATIO * ratio * distance
    return tf.logical_and(along < side, across < side)


@cache
def load_grid_mask() -> Any:
    """keras-cv's layer, which creates variables and so must be made before tracing starts."""
    from keras_cv.layers import GridMask

    return GridMask(dtype="float32")
