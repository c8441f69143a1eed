"""What the papers' optimizers share: weight decay that spares some weights, and their averages."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_classic_cnns.core import validate


class PaperDecay(keras.optimizers.Optimizer):
    """Stands before an optimizer of Keras and adds weight decay as the classic papers have it.

    Coupled, `l2`: the decay is part of the gradient, and goes through momentum and scaling.

        g = gradient + l2 * w

    Decoupled, `weight_decay`, which is Keras's own: `learning_rate * weight_decay * w` is taken off
    the weights beside the step. Either spares the same weights.

    Gradients are clipped before the decay is added: what is clipped is the loss's gradient alone,
    and that of the whole batch where replicas share it.

    Source: coupled as in Caffe, Torch and A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet
    classification with deep convolutional neural networks" (2012), section 5; decoupled as in
    I. Loshchilov, F. Hutter, "Decoupled weight decay regularization" (2017).

    Args:
        *args: Of the optimizer.
        l2: The coupled weight decay, at least 0.
        spares: Weights whose path ends in one of these are not decayed.
        average_from: The batch from which the end of a `fit` puts the averages (`use_ema`) in the
            place of the weights. A run in several parts, each a `fit`, so goes on from its weights
            and ends with its averages. 0, as in Keras: every `fit` ends with them.
        **kwargs: Of the optimizer.

    Raises:
        ValueError: `l2` is negative, or `weight_decay` is given beside it.
    """

    def __init__(
        self,
        *args: Any,
        l2: float = 0.0,
        spares: Sequence[str] = (),
        average_from: int = 0,
        **kwargs: Any,
    ):
        validate.number("l2", l2, minimum=0)
        validate.integer("average_from", average_from, minimum=0)
        if isinstance(spares, str):
            raise TypeError(
                "`spares` must be a sequence of endings, such as ('bias', 'gamma', 'beta'). "
                f"{validate.received('spares', spares)}"
            )
        if l2 and kwargs.get("weight_decay") is not None:
            raise ValueError(
                "Give either `l2` or `weight_decay`: two kinds of weight decay at once are a "
                f"mistake. {validate.received('weight_decay', kwargs['weight_decay'])}"
            )
        super().__init__(*args, **kwargs)
        self.l2 = float(l2)
        self.spares = tuple(spares)
        self.average_from = average_from

    def build(self, variables):
        if self.built:
            return
        # a path ends in "conv1/kernel"; the last part is what `spares` names
        spared = [variable for variable in variables if variable.path.endswith(self.spares)]
        self.exclude_from_weight_decay(var_list=spared)
        super().build(variables)
        self._decayed = [not variable.path.endswith(self.spares) for variable in variables]

    def _clip_gradients(self, grads):
        return grads if has_replicas(self) else super()._clip_gradients(grads)

    def _all_reduce_sum_gradients(self, grads_and_vars):
        """Adds up the gradients of replicas and clips the sum, where Keras clips each share."""
        grads_and_vars = super()._all_reduce_sum_gradients(grads_and_vars)
        if not has_replicas(self):
            return grads_and_vars
        gradients, variables = zip(*grads_and_vars, strict=True)
        return list(zip(super()._clip_gradients(list(gradients)), variables, strict=True))

    def update_step(self, gradient, variable, learning_rate):
        if self.l2 and self._decayed[self._get_variable_index(variable)]:
            gradient = ops.cast(gradient, variable.dtype)
            gradient = gradient + ops.cast(self.l2, variable.dtype) * variable
        super().update_step(gradient, variable, learning_rate)

    def finalize_variable_values(self, var_list):
        """What Keras calls at the end of `fit`: puts the averages in, if it is time."""
        # Keras's own count leaves parts out; a count that replicas share is no number by itself
        if int(ops.convert_to_numpy(self._iterations)) >= self.average_from:
            super().finalize_variable_values(var_list)

    def get_config(self) -> dict:
        own = {"l2": self.l2, "spares": list(self.spares), "average_from": self.average_from}
        return {**super().get_config(), **own}


def has_replicas(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether an optimizer was made for several replicas.

    Args:
        optimizer: The optimizer.
    """
    strategy = getattr(optimizer, "_distribution_strategy", None)  # of the TensorFlow backend
    return strategy is not None and strategy.num_replicas_in_sync > 1
