"""Changes of colour, each a function `(image, seed, image_size) -> image` on uint8 RGB images."""

import tensorflow as tf

# Standard deviations and directions of the colours of ImageNet's training images, in 0..1, as
# fb.resnet.torch (datasets/imagenet.lua) has them: the column of `_VECTORS` belongs to the value.
_VALUES = (0.2175, 0.0188, 0.0045)
_VECTORS = (
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)
PCA_DEVIATION = 0.1
JITTER = 0.4  # each factor lies in [1 - JITTER, 1 + JITTER]
_LUMA = (0.299, 0.587, 0.114)


def pca_color(image: tf.Tensor, seed: tf.Tensor, image_size: tuple[int, int]) -> tf.Tensor:
    """Adds one colour to all pixels, drawn along the principal components of ImageNet's colours.

    colour = sum_i N(0, 0.1) * value_i * vector_i

    Source: Krizhevsky et al., "ImageNet classification with deep convolutional neural networks"
    (2012), section 4.1; values and vectors of fb.resnet.torch.
    """
    draws = tf.random.stateless_normal((3,), seed, stddev=PCA_DEVIATION)
    colour = tf.linalg.matvec(tf.constant(_VECTORS), draws * tf.constant(_VALUES))
    return _to_uint8(tf.cast(image, tf.float32) + 255 * colour)


def color_jitter(image: tf.Tensor, seed: tf.Tensor, image_size: tuple[int, int]) -> tf.Tensor:
    """Changes brightness, contrast and saturation, each by a factor of 0.6 to 1.4.

    Each blends the image with another: black, its mean grey, its own greys. They are linear, and
    saturation keeps the greys, so that their order, random in the source, makes no difference;
    values are cut to 0..255 at the end only.

    Source: fb.resnet.torch (datasets/transforms.lua), `ColorJitter` with 0.4 each.
    """
    factors = tf.random.stateless_uniform((3,), seed, 1 - JITTER, 1 + JITTER)
    return jittered(image, factors)


def jittered(image: tf.Tensor, factors: tf.Tensor) -> tf.Tensor:
    """The three blends in one, with the factors of brightness, contrast and saturation."""
    brightness, contrast, saturation = tf.unstack(factors)
    pixels = tf.cast(image, tf.float32)
    greys = tf.linalg.matvec(pixels, tf.constant(_LUMA))[..., None]
    coloured = saturation * pixels + (1 - saturation) * greys
    blended = contrast * coloured + (1 - contrast) * tf.reduce_mean(greys)
    return _to_uint8(brightness * blended)


def _to_uint8(pixels: tf.Tensor) -> tf.Tensor:
    return tf.saturate_cast(tf.round(pixels), tf.uint8)
