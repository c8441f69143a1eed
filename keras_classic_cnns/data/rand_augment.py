"""RandAugment: a few operations of keras-cv on each image, drawn from a stateless seed.

keras-cv's own `RandAugment` layer draws from generators with a state, which do not repeat in a
parallel map or after a resumed run. Here the draws are ours and the operations keras-cv's.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import tensorflow as tf

OPERATIONS = 2  # applied to each image (N)
MAGNITUDE = 0.3  # mean strength (M / 30), in [0, 1]
DEVIATION = 0.15  # standard deviation of the strength
RATE = 10 / 11  # the chance of each operation; else the identity, the paper's eleventh

Operation = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def rand_augment(image: tf.Tensor, seed: tf.Tensor, image_size: tuple[int, int]) -> tf.Tensor:
    """Applies two operations out of ten, each with a random strength and direction.

    Source: E. Cubuk et al., "RandAugment: practical automated data augmentation with a reduced
    search space" (2019), with the ten operations of keras-cv in place of the paper's fourteen.

    Args:
        image: uint8 `(height, width, 3)`.
        seed: Two integers.
        image_size: Height and width, as for every augmentation.

    Returns:
        uint8 `(height, width, 3)`.
    """
    shape = image.shape
    batch = tf.cast(image, tf.float32)[None]
    operations = load_operations()
    for own_seed in tf.unstack(tf.random.split(seed, OPERATIONS)):
        batch = _one_of(operations, batch, own_seed)
    pixels = tf.saturate_cast(tf.round(batch[0]), tf.uint8)
    return tf.ensure_shape(pixels, shape)


def _one_of(operations: tuple[Operation, ...], batch: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Applies one operation, or none, to a batch of one image."""
    seeds = tf.unstack(tf.random.split(seed, 4))
    applied = tf.random.stateless_uniform((), seeds[0]) < RATE
    index = tf.random.stateless_uniform((), seeds[1], 0, len(operations), tf.int32)
    strength = tf.random.stateless_normal((1, 1), seeds[2], MAGNITUDE, DEVIATION)
    strength = tf.clip_by_value(strength, 0.0, 1.0)
    sign = tf.where(tf.random.stateless_uniform((1, 1), seeds[3]) < 0.5, -1.0, 1.0)
    branches = [lambda run=run: run(batch, strength, sign) for run in operations]
    return tf.switch_case(
        tf.where(applied, index, len(operations)), [*branches, lambda: tf.identity(batch)]
    )


@cache
def load_operations() -> tuple[Operation, ...]:
    """The ten operations, each `(images, strength, sign) -> images` on values in 0..255.

    Must be called before tracing starts: the layers create variables, though none is used.
    """
    from keras_cv import layers

    # the layers compute in float32 whatever the global policy says
    values = {"value_range": (0, 255), "dtype": "float32"}

    def apply(layer: Any, draw: Callable) -> Operation:
        return lambda images, strength, sign: layer.augment_images(
            images=images, transformations=draw(strength, sign)
        )

    def per_pixel(value: tf.Tensor) -> tf.Tensor:
        return tf.reshape(value, (1, 1, 1, 1))

    def shear(x: tf.Tensor | None, y: tf.Tensor | None) -> dict:
        return {"shear_x": x, "shear_y": y}

    def translation(x: tf.Tensor, y: tf.Tensor) -> dict:
        return {"width_translations": x, "height_translations": y}

    color = layers.RandomColorDegeneration(0.5, dtype="float32")
    shearing = layers.RandomShear(0.5, 0.5, dtype="float32")
    moving = layers.RandomTranslation(0.5, 0.5, dtype="float32")
    return (
        apply(layers.AutoContrast(**values), lambda strength, sign: None),
        apply(layers.Equalization(**values), lambda strength, sign: None),
        apply(
            layers.Solarization(**values),
            lambda strength, sign: {
                "additions": per_pixel(110 * strength),
                "thresholds": per_pixel(255 * (1 - strength)),
            },
        ),
        apply(color, lambda strength, sign: per_pixel(strength)),
        apply(
            layers.RandomContrast(factor=0.5, **values),
            lambda strength, sign: per_pixel(1 + sign * strength),
        ),
        apply(
            layers.RandomBrightness(factor=0.5, **values),
            lambda strength, sign: per_pixel(255 * sign * strength),
        ),
        apply(shearing, lambda strength, sign: shear(sign * strength, None)),
        apply(shearing, lambda strength, sign: shear(None, sign * strength)),
        apply(moving, lambda strength, sign: translation(sign * strength, 0 * strength)),
        apply(moving, lambda strength, sign: translation(0 * strength, sign * strength)),
    )
