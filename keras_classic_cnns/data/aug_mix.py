"""AugMix: chains of keras-cv's operations mixed with the image, drawn from a stateless seed.

keras-cv's own `AugMix` layer draws from generators with a state, as its RandAugment does, turns
by radians where degrees are meant, and never moves an image up or down (0.9.0). Here the draws
are the paper's and the operations keras-cv's.
"""

import math
from collections.abc import Callable
from functools import cache

import tensorflow as tf

from keras_classic_cnns.data import rand_augment

CHAINS = 3  # mixed with each other (k)
DEPTH = 3  # operations in a chain, at most; at least one
SEVERITY = 0.3  # strengths are drawn from 0.01 to this

Operation = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def aug_mix(image: tf.Tensor, seed: tf.Tensor, image_size: tuple[int, int]) -> tf.Tensor:
    """Mixes an image with three chains of one to three operations each.

    m * image + (1 - m) * sum_i w_i * chain_i(image), with m from Beta(1, 1) and the weights w
    from Dirichlet(1, 1, 1). The consistency loss that the paper adds is no matter of the data.

    Source: D. Hendrycks et al., "AugMix: a simple data processing method to improve robustness
    and uncertainty" (2019), with a severity of 3 of 10.

    Args:
        image: uint8 `(height, width, 3)`.
        seed: Two integers.
        image_size: Height and width, as for every augmentation.

    Returns:
        uint8 `(height, width, 3)`.
    """
    batch = tf.cast(image, tf.float32)[None]
    mix_seed, weight_seed, *chain_seeds = tf.unstack(tf.random.split(seed, 2 + CHAINS))
    share = tf.random.stateless_uniform((), mix_seed)
    # gammas over their sum are Dirichlet's
    weights = tf.random.stateless_gamma((CHAINS,), weight_seed, alpha=1.0)
    weights = tf.unstack(weights / tf.reduce_sum(weights))
    chains = zip(weights, chain_seeds, strict=True)
    mixed = tf.add_n([weight * _chain(batch, own_seed) for weight, own_seed in chains])
    mixed = share * batch + (1 - share) * mixed
    pixels = tf.saturate_cast(tf.round(mixed[0]), tf.uint8)
    return tf.ensure_shape(pixels, image.shape)


def _chain(batch: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Applies one, two or three operations to a batch of one image."""
    depth_seed, *seeds = tf.unstack(tf.random.split(seed, 1 + DEPTH))
    depth = tf.random.stateless_uniform((), depth_seed, 1, DEPTH + 1, tf.int32)
    for step, own_seed in enumerate(seeds):
        batch = _one_of(load_operations(), batch, own_seed, step < depth)
    return batch


def _one_of(
    operations: tuple[Operation, ...], batch: tf.Tensor, seed: tf.Tensor, applied: tf.Tensor
) -> tf.Tensor:
    """Applies one operation, with a strength and a direction of its own, or none."""
    index_seed, strength_seed, sign_seed = tf.unstack(tf.random.split(seed, 3))
    index = tf.random.stateless_uniform((), index_seed, 0, len(operations), tf.int32)
    strength = tf.random.stateless_uniform((1, 1), strength_seed, 0.01, SEVERITY)
    sign = tf.where(tf.random.stateless_uniform((1, 1), sign_seed) < 0.5, -1.0, 1.0)
    branches = [lambda run=run: run(batch, strength, sign) for run in operations]
    changed = tf.switch_case(
        tf.where(applied, index, len(operations)), [*branches, lambda: tf.identity(batch)]
    )
    return tf.ensure_shape(changed, batch.shape)


@cache
def load_operations() -> tuple[Operation, ...]:
    """The paper's nine operations, each `(images, strength, sign) -> images` in 0..255.

    Must be called before tracing starts: the layers create variables, though none is used.
    """
    from keras_cv import layers

    shared = rand_augment.load_operations()
    contrast, equalization, shear_x, shear_y, move_x, move_y = (
        shared[index] for index in (0, 1, 6, 7, 8, 9)
    )
    turning = layers.RandomRotation(0.5, dtype="float32")
    solarization = layers.Solarization(value_range=(0, 255), dtype="float32")
    posterizations = [
        layers.Posterization(value_range=(0, 255), bits=bits, dtype="float32") for bits in (4, 3)
    ]

    def turn(images: tf.Tensor, strength: tf.Tensor, sign: tf.Tensor) -> tf.Tensor:
        angles = {"angles": (sign * strength)[0] * (30 * math.pi / 180)}
        return turning.augment_images(images, transformations=angles)

    def solarize(images: tf.Tensor, strength: tf.Tensor, sign: tf.Tensor) -> tf.Tensor:
        threshold = tf.reshape(255 * (1 - strength), (1, 1, 1, 1))
        draws = {"additions": tf.zeros_like(threshold), "thresholds": threshold}
        return solarization.augment_images(images=images, transformations=draws)

    def posterize(images: tf.Tensor, strength: tf.Tensor, sign: tf.Tensor) -> tf.Tensor:
        """Keeps 4 bits, or 3 from a strength of 1/4."""
        four, three = (layer.augment_image(images) for layer in posterizations)
        return tf.where(strength[0, 0] < 0.25, four, three)

    return (
        contrast,
        equalization,
        posterize,
        turn,
        solarize,
        _scaled(shear_x, 0.3),
        _scaled(shear_y, 0.3),
        _scaled(move_x, 1 / 3),
        _scaled(move_y, 1 / 3),
    )


def _scaled(operation: Operation, factor: float) -> Operation:
    return lambda images, strength, sign: operation(images, factor * strength, sign)
