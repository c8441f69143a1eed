"""Values that are computed again for the gradient, instead of being kept for it."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from keras_classic_cnns.layers._tensorflow import is_traced_for_xla, xla_barrier


def recomputed(
    function: Callable[..., Sequence[Any]], x: Any, parts: Sequence[Any], state: Sequence[Any]
) -> Sequence[Any]:
    """`function(x, *state)`; neither `x` nor what is computed of it is kept for the gradient.

    `keras.remat` keeps the arguments themselves. Here `x` is joined of its parts again, so that
    maps which many concatenations share are kept once; and the gradient reaches `x`, not each of
    the parts, so that the gradients of all those concatenations never lie side by side.

    Args:
        function: Without side effects. Returns an output and further tensors, through which no
            gradient flows.
        x: A tensor, the concatenation of `parts` along its last axis.
        parts: What is kept instead of it; something else must keep it alive anyway.
        state: Further tensors.

    Returns:
        What `function` returns.
    """
    if keras.backend.backend() == "tensorflow":
        return _recomputed(function, x, parts, state)
    return keras.remat(
        lambda *tensors: function(_join(tensors[: len(parts)]), *tensors[len(parts) :])
    )(*parts, *state)


def _join(parts: Sequence[Any]) -> Any:
    return ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]


def _recomputed(function: Callable, x: Any, parts: Sequence[Any], state: Sequence[Any]) -> Any:
    import tensorflow as tf  # keras.remat has no say in what is kept

    @tf.custom_gradient
    def run(x, *state):
        def gradient(upstream, *_):
            # without a reason to wait, it would be computed at once, and found equal and merged
            if is_traced_for_xla():
                upstream, *again = xla_barrier([upstream, *parts])
            else:
                with tf.control_dependencies([upstream]):
                    again = [tf.identity(part) for part in parts]
            again = _join(again)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([again, *state])
                output, *_ = function(again, *state)
            return tape.gradient(output, [again, *state], upstream)

        return tuple(function(x, *state)), gradient

    # as tensors, since variables have no place in a custom gradient
    return run(x, *map(tf.convert_to_tensor, state))
