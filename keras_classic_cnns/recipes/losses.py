"""The loss of a classifier, for integer labels."""

from typing import Any

import keras

from keras_classic_cnns.core import validate


@keras.saving.register_keras_serializable(package="keras_classic_cnns")
class SmoothedSparseCrossentropy(keras.losses.Loss):
    """Cross-entropy against softened integer labels.

    Keras smooths one-hot labels only. Here label `k` of `K` classes stands for the distribution
    `(1 - s) * onehot(k) + s / K`.

    Args:
        label_smoothing: The share `s` of the evenly spread part, in `[0, 1)`.
        from_logits: Whether the model ends without softmax.
        **kwargs: Of `keras.losses.Loss`: `name`, `reduction`, `dtype`.

    Source:
        Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7.

    Example:
        >>> import numpy as np
        >>> loss = SmoothedSparseCrossentropy(0.1)
        >>> # -0.95 log 0.95 - 0.05 log 0.05
        >>> round(float(loss(np.array([1]), np.array([[0.05, 0.95]]))), 4)
        0.1985
    """

    def __init__(self, label_smoothing: float, from_logits: bool = False, **kwargs: Any):
        super().__init__(**{"name": "smoothed_sparse_crossentropy", **kwargs})
        self.label_smoothing = validate.rate("label_smoothing", label_smoothing)
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        classes = y_pred.shape[-1]
        labels = keras.ops.reshape(keras.ops.cast(y_true, "int32"), (-1,))
        return keras.losses.categorical_crossentropy(
            keras.ops.one_hot(labels, classes, dtype=y_pred.dtype),
            y_pred,
            from_logits=self.from_logits,
            label_smoothing=self.label_smoothing,
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "from_logits": self.from_logits,
        }


def classification_loss(label_smoothing: float, from_logits: bool) -> keras.losses.Loss:
    """Cross-entropy for integer labels, smoothed where asked for.

    Args:
        label_smoothing: The share of the target given to all classes alike, in `[0, 1)`.
        from_logits: Whether the model ends without softmax.
    """
    if validate.rate("label_smoothing", label_smoothing):
        return SmoothedSparseCrossentropy(label_smoothing, from_logits)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
