"""MixUp and CutMix on batches, as pure functions of a seed and the number of the batch.

The layers of Keras and of keras-cv draw from generators with a state, and a run that goes on would
not see the batches again that it would have seen. Here the draws are ours, and the mixing is
Keras's `transform_images` and `transform_labels`, which take draws from outside; keras-cv has
nothing like them. It costs no more than the layers of either do (benchmarks/README.md).
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from keras_classic_cnns.core import validate
from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.data.parallel import parallel_map

# Keeps these draws apart from those of the augmentations, which count images with the same seed.
_STREAM = 0x6D6978

Batch = tuple[tf.Tensor, tf.Tensor]


def mix(
    dataset: tf.data.Dataset, mixing: Mixing, classes: int, seed: int, first_step: int = 0
) -> tf.data.Dataset:
    """Mixes the batches of a dataset.

    Args:
        dataset: Batches of two images or more: images `(batch, height, width, channels)`, and
            integer labels `(batch,)`.
        mixing: What to do.
        classes: How many classes there are, at least 1.
        seed: In `[0, 2**32)`.
        first_step: The number of the first batch, at least 0. It and the seed decide about the
            draws, so that a run which goes on after so many steps has those of one left alone.

    Returns:
        A dataset of mixed images, float32 where they were integers, and of labels that are shares
        of the classes, float32 `(batch, classes)`.

    Raises:
        TypeError: `mixing` is no `Mixing`.
        ValueError: A number is out of range, a batch has one image only, or labels are no
            integers.

    Example:
        >>> dataset = tf.data.Dataset.from_tensors((tf.zeros((4, 8, 8, 3)), [0, 1, 2, 2]))
        >>> mix(dataset, Mixing(mixup_alpha=0.2), classes=3, seed=0).element_spec[1].shape
        TensorShape([4, 3])
    """
    validate.integer("first_step", first_step, minimum=0)
    return parallel_map(dataset.enumerate(first_step), mixer(mixing, classes, seed))


def mixer(mixing: Mixing, classes: int, seed: int) -> Callable[[tf.Tensor, Batch], Batch]:
    """Makes the function that mixes a batch.

    Every image is mixed with the one before it in the batch, the first with the last, by one share
    or with one rectangle for the whole batch, as in the code of both papers and in torchvision.

    Args:
        mixing: What to do.
        classes: How many classes there are, at least 1.
        seed: In `[0, 2**32)`.

    Returns:
        A function `(number, (images, labels)) -> (images, labels)`, as `mix` applies it to the
        batch of a number.

    Raises:
        TypeError, ValueError: As for `mix`.
    """
    if not isinstance(mixing, Mixing):
        raise TypeError(f"`mixing` must be a Mixing. {validate.received('mixing', mixing)}")
    validate.positive_int("classes", classes)
    validate.seed("seed", seed)
    ways = []  # the layers make variables, which must not happen while a pipeline is traced
    if mixing.mixup_alpha:
        ways.append((keras.layers.MixUp(dtype="float32"), mixing.mixup_alpha, _blend))
    if mixing.cutmix_alpha:
        ways.append((keras.layers.CutMix(dtype="float32"), mixing.cutmix_alpha, _paste))

    def mix_batch(number: tf.Tensor, batch: Batch) -> Batch:
        images, labels = _checked(*batch)
        soft = tf.one_hot(labels, classes, dtype=tf.float32)
        counted = tf.stack([tf.constant(seed, tf.int64), tf.cast(number, tf.int64)])
        choice, *seeds = tf.unstack(tf.random.split(tf.random.fold_in(counted, _STREAM), 3))
        branches = [
            lambda way=way, own=own: _apply(*way, images, soft, own)
            for way, own in zip(ways, seeds, strict=False)
        ]
        chosen = tf.random.stateless_uniform((), choice, 0, len(ways), tf.int32)
        return tf.switch_case(chosen, branches) if len(ways) > 1 else branches[0]()

    return mix_batch


def _apply(
    layer: keras.layers.Layer,
    alpha: float,
    draw: Callable,
    images: tf.Tensor,
    labels: tf.Tensor,
    seed: tf.Tensor,
) -> Batch:
    share_seed, own_seed = tf.unstack(tf.random.split(seed))
    count = tf.shape(images)[0]
    drawn = draw(beta(alpha, share_seed), images, own_seed)
    share = tf.fill([count], drawn.pop("share"))
    order = tf.roll(tf.range(count), shift=1, axis=0)
    transformation = {"mix_weight": share, "permutation_order": order, **drawn}
    mixed = layer.transform_images(images, transformation)
    if images.dtype.is_floating:
        mixed = tf.cast(mixed, images.dtype)
    mixed = tf.ensure_shape(mixed, images.shape)
    return mixed, tf.ensure_shape(layer.transform_labels(labels, transformation), labels.shape)


def _blend(share: tf.Tensor, images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
    """What `keras.layers.MixUp` needs to be told."""
    return {"share": share}


def _paste(share: tf.Tensor, images: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
    """What `keras.layers.CutMix` needs to be told: a rectangle anywhere, cut off at the border."""
    sides = tf.shape(images)[1:3]
    half = tf.cast(tf.sqrt(1 - share) * tf.cast(sides, tf.float32) / 2, tf.int32)
    centre = tf.random.stateless_uniform((2,), seed) * tf.cast(sides, tf.float32)
    start, end = tf.cast(centre, tf.int32) - half, tf.cast(centre, tf.int32) + half
    rows, columns = (
        (tf.range(sides[i]) >= start[i]) & (tf.range(sides[i]) < end[i]) for i in range(2)
    )
    inside = rows[:, None] & columns[None, :]
    return {
        "share": 1 - tf.reduce_mean(tf.cast(inside, tf.float32)),
        "batch_masks": inside[None, :, :, None],
    }


def beta(alpha: float, seed: tf.Tensor) -> tf.Tensor:
    """Draws from Beta(alpha, alpha), a float32 scalar in `[0, 1]`.

    It is `a / (a + b)` of two draws from Gamma(alpha). Those underflow to 0 for small `alpha`, so
    their logarithms are drawn: `log Gamma(alpha + 1) + log(uniform) / alpha`.

    Source: G. Marsaglia, W. Tsang, "A simple method for generating gamma variables" (2000), for
    the draws from Gamma(alpha) by way of Gamma(alpha + 1).

    Args:
        alpha: Above 0.
        seed: Two integers.
    """
    first, second = (_log_gamma(alpha, own) for own in tf.unstack(tf.random.split(seed)))
    return tf.sigmoid(first - second)


def _log_gamma(alpha: float, seed: tf.Tensor) -> tf.Tensor:
    one, other = tf.unstack(tf.random.split(seed))
    larger = tf.random.stateless_gamma((), one, alpha + 1.0)
    uniform = 1 - tf.random.stateless_uniform((), other)  # above 0
    return tf.math.log(larger) + tf.math.log(uniform) / alpha


def _checked(images: tf.Tensor, labels: tf.Tensor) -> Batch:
    if images.shape[0] == 1:
        raise ValueError(
            "Mixing needs two images in a batch at least. "
            f"{validate.received('images.shape', tuple(images.shape))}"
        )
    if not labels.dtype.is_integer or labels.shape.rank != 1:
        raise ValueError(
            "`labels` must be integers, one for each image. Received: "
            f"labels.dtype={labels.dtype.name!r}, labels.shape={tuple(labels.shape)}"
        )
    return images, labels
