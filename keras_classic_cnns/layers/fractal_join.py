"""Where columns of a fractal net meet: the mean of those that drop-path leaves."""

from collections.abc import Sequence

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.layers._draws import uniform


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class FractalJoin(layers.Layer):
    """Joins columns of a fractal net by their mean, with drop-path in training.

        y = sum of w_i * x_i over sum of w_i

    At inference all weights are one, and nothing is scaled for what was dropped in training. In
    training they are drawn. Local drop-path drops each input with probability `rate`,
    independently of the others; where that would drop all of them, one of them, drawn uniformly,
    is kept. Global drop-path is decided by `path`: of a sample that is bound to one column, only
    the input of that column counts. A join that the column does not pass gives the mean of its
    inputs: nothing of it reaches the output of the net, but the batch normalisation behind it
    learns from activations of the usual size, not from zeros.

    Args:
        rate: Probability that local drop-path drops an input, in [0, 1]; with 1 exactly one is
            kept.
        per: `"sample"` draws for each sample; `"batch"` draws once for all of them.
        seed: Of the draws, an integer, by default a random one.

    Call arguments:
        inputs: A list of at least two tensors `(batch, ...)` of one shape, the outputs of the
            deepest columns, the deepest last.
        path: The draw of a `FractalPath`, `(batch, columns)`, the same for all joins of a net; by
            default local drop-path for all samples.
        training: Whether to drop.

    Returns:
        A tensor of the shape of one input.

    Raises:
        ValueError: There are fewer than two inputs, or their shapes differ, or there are more of
            them than columns, or `rate` is out of range.

    Example:
        >>> import numpy as np
        >>> FractalJoin()([np.full((1, 2), 1.0), np.full((1, 2), 5.0)]).numpy().tolist()
        [[3.0, 3.0]]

    Source: Larsson, Maire, Shakhnarovich: FractalNet: Ultra-Deep Neural Networks without Residuals,
    section 3, https://arxiv.org/abs/1605.07648.
    """

    def __init__(self, rate: float = 0.15, per: str = "sample", seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.rate = validate.number("rate", rate, minimum=0, maximum=1)
        self.per = validate.one_of("per", per, ("sample", "batch"))
        self.seed = validate.optional(validate.integer)("seed", seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)

    def build(self, inputs_shape, path_shape=None):
        is_list = all(isinstance(shape, Sequence) for shape in inputs_shape)
        shapes = [tuple(shape) for shape in (inputs_shape if is_list else [inputs_shape])]
        if len(shapes) < 2 or len({shape[1:] for shape in shapes}) > 1:
            raise ValueError(
                "`inputs` must be a list of at least two tensors of the same shape. "
                f"{validate.received('shapes', shapes)}"
            )
        if path_shape is not None and path_shape[-1] < len(shapes):
            raise ValueError(
                f"`path` must have a column for each of the {len(shapes)} inputs. "
                f"{validate.received('path', tuple(path_shape))}"
            )

    def call(self, inputs, path=None, training=None):
        if not training:
            return sum(inputs) / len(inputs)
        weights = self._weights(inputs, path)
        weights = ops.cast(weights / ops.sum(weights, axis=-1, keepdims=True), self.compute_dtype)
        shape = (-1,) + (1,) * (len(inputs[0].shape) - 1)
        return sum(x * ops.reshape(weights[:, i], shape) for i, x in enumerate(inputs))

    def _weights(self, inputs, path):
        """Zeros and ones, `(batch, inputs)` or `(1, inputs)`, at least a one in each row."""
        draws = uniform(self.seed_generator, inputs[0], self.per, len(inputs))
        # the largest draw always survives: it is the one that is kept where all would be dropped
        threshold = ops.minimum(ops.max(draws, axis=-1, keepdims=True), self.rate)
        local = ops.cast(draws >= threshold, "float32")
        if path is None:
            return local
        path = ops.cast(path, "float32")
        is_local = ops.all(path > 0, axis=-1, keepdims=True)
        mine = path[:, -len(inputs) :]
        passes = ops.any(mine > 0, axis=-1, keepdims=True)
        return ops.where(is_local, local, ops.where(passes, mine, ops.ones_like(mine)))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "per": self.per, "seed": self.seed}
