"""Loss scaling in float16 of which all replicas say the same."""

from typing import Any

import keras

from keras_classic_cnns.recipes.schedules import PACKAGE


@keras.saving.register_keras_serializable(package=PACKAGE)
class SharedLossScaleOptimizer(keras.mixed_precision.LossScaleOptimizer):
    """Keras's loss scaling for several replicas: where one's gradients overflow, all skip the step.

    Keras 3.15 asks the first replica alone, taking its gradients for those of all. Where another
    one's overflow, the weights become infinite, and workers that disagree wait for each other.

    Source: P. Micikevicius et al., "Mixed precision training" (2018), section 3.2; of one device as
    Keras has it.

    Args:
        inner_optimizer: The optimizer whose steps are scaled.
        initial_scale: What the loss is multiplied by at first.
        dynamic_growth_steps: After so many steps without an overflow the scale is doubled.
        **kwargs: `name`.

    Example:
        >>> optimizer = SharedLossScaleOptimizer(keras.optimizers.SGD(0.1))
        >>> type(optimizer.inner_optimizer).__name__
        'SGD'
    """

    def check_finite(self, grads: Any) -> Any:
        """Whether the gradients of all replicas are finite.

        Args:
            grads: Those of this replica.
        """
        finite = super().check_finite(grads)
        if keras.backend.backend() != "tensorflow":
            return finite
        import tensorflow as tf  # Keras has no way to ask the other replicas

        overflows = tf.cast(tf.logical_not(finite), "float32")
        replica = tf.distribute.get_replica_context()
        return replica.all_reduce(tf.distribute.ReduceOp.SUM, overflows) == 0.0
