"""Drop-path whose rate grows over the training."""

import keras
from keras import layers, ops

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class ScheduledDropPath(layers.Layer):
    """Drops the whole path of an image, with a rate that grows with depth and with time.

    In training every image of a batch loses this path by chance, independently of the others; the
    paths that stay are divided by the probability to stay, so that nothing changes at test time.
    The rate grows linearly from 0 at the first step, and from cell to cell.

        keep = 1 - min(1, step / total_steps) * depth * rate
        y = x * Bernoulli(keep) / keep        (training; one draw an image)
        y = x                                 (inference)

    Args:
        rate: Probability to drop a path of the last cell at the end of the schedule, in [0, 1); 1
            minus the paper's keep probability.
        depth: Where the layer stands, in (0, 1]: number of its cell, from 1, by number of cells.
        total_steps: Training steps until the rate is reached, at least 1. The layer then counts
            the steps in `step`, an integer weight that is not trained: it is saved with the model,
            so that training goes on where it stopped, and `count_params()` counts it as 1. With
            `None` there is no such weight, and the rate is `depth * rate` from the beginning.
        seed: Of the draws, an integer, or `None` for one of its own.

    Call arguments:
        inputs: `(batch, ...)`.
        training: Whether to drop, and to count the step.

    Returns:
        A tensor of the shape of `inputs`.

    Example:
        >>> import numpy as np
        >>> layer = ScheduledDropPath(0.5, seed=1)
        >>> y = np.asarray(layer(np.ones((1000, 1), "float32"), training=True))
        >>> sorted(set(y.ravel().tolist()))
        [0.0, 2.0]

    Source: Zoph, Vasudevan, Shlens, Le: Learning Transferable Architectures for Scalable Image
    Recognition (ScheduledDropPath), https://arxiv.org/abs/1707.07012; one draw an image, and the
    dependence on the depth, as in the authors' code (tensorflow/models, slim's nasnet_utils.py).
    """

    def __init__(self, rate, depth=1.0, total_steps=None, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate = validate.rate("rate", rate)
        self.depth = validate.number("depth", depth, minimum=0, maximum=1)
        if not self.depth:
            raise ValueError(f"`depth` must be above 0. {validate.received('depth', depth)}")
        self.total_steps = validate.optional(validate.positive_int)("total_steps", total_steps)
        self.seed = validate.optional(validate.integer)("seed", seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)

    def build(self, input_shape):
        if self.total_steps is not None:
            self.step = self.add_weight(
                shape=(),
                initializer="zeros",
                dtype="int",
                trainable=False,
                # every replica makes the same step
                aggregation="only_first_replica",
                name="step",
            )

    def call(self, inputs, training=False):
        if not training or not self.rate:
            return inputs
        keep = 1.0 - self._progress() * self.depth * self.rate
        shape = (ops.shape(inputs)[0], *[1] * (len(inputs.shape) - 1))
        draws = keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)
        kept = ops.cast(draws < keep, "float32") / keep
        return inputs * ops.cast(kept, inputs.dtype)

    def _progress(self):
        """How far the schedule is, 0 to 1, before the step that is being made; counts the step."""
        if self.total_steps is None:
            return 1.0
        progress = ops.minimum(1.0, ops.cast(self.step, "float32") / self.total_steps)
        self.step.assign_add(1)
        return progress

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "rate": self.rate,
            "depth": self.depth,
            "total_steps": self.total_steps,
            "seed": self.seed,
        }
