"""The loss and the metrics of a classifier, for labels that are integers or shares of classes.

Mixed images (`data.mix`) have shares of several classes as labels, those that a run is validated
on have one class each, and Keras compiles one loss for both.
"""

from typing import Any

import keras
from keras import ops

from keras_classic_cnns.core import validate
from keras_classic_cnns.recipes.schedules import PACKAGE


def are_shares(labels: Any) -> bool:
    """Whether labels are shares, `(batch, classes)`; else they are `(batch,)` or `(batch, 1)`.

    Args:
        labels: A tensor or an array.
    """
    return len(labels.shape) > 1 and labels.shape[-1] != 1


@keras.saving.register_keras_serializable(package=PACKAGE)
class LabelCrossentropy(keras.losses.Loss):
    """Cross-entropy against integer labels, or against shares of all classes; either smoothed.

        target = (1 - s) * label + s / classes, where integer labels count as one-hot

    Keras has one loss for integers, another for shares, and smooths the latter only.

    Args:
        label_smoothing: The share `s` of the evenly spread part, in `[0, 1)`.
        from_logits: Whether the model ends without softmax.
        **kwargs: Of `keras.losses.Loss`: `name`, `reduction`, `dtype`.

    Source:
        Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7.

    Example:
        >>> import numpy as np
        >>> loss = LabelCrossentropy(0.1)
        >>> # -0.95 log 0.95 - 0.05 log 0.05
        >>> round(float(loss(np.array([1]), np.array([[0.05, 0.95]]))), 4)
        0.1985
        >>> round(float(loss(np.array([[0.0, 1.0]]), np.array([[0.05, 0.95]]))), 4)
        0.1985
    """

    def __init__(self, label_smoothing: float = 0.0, from_logits: bool = False, **kwargs: Any):
        super().__init__(**{"name": "label_crossentropy", **kwargs})
        self.label_smoothing = validate.rate("label_smoothing", label_smoothing)
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if are_shares(y_true):
            shares = ops.cast(y_true, y_pred.dtype)
        else:
            labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
            if not self.label_smoothing:
                return keras.losses.sparse_categorical_crossentropy(
                    labels, y_pred, from_logits=self.from_logits
                )
            shares = ops.one_hot(labels, y_pred.shape[-1], dtype=y_pred.dtype)
        return keras.losses.categorical_crossentropy(
            shares, y_pred, from_logits=self.from_logits, label_smoothing=self.label_smoothing
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "from_logits": self.from_logits,
        }


@keras.saving.register_keras_serializable(package=PACKAGE)
class LabelAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """How often the most probable class is the label, or the one with the greatest share in it.

    Source: none of its own; Keras's two metrics in one.

    Example:
        >>> import numpy as np
        >>> accuracy = LabelAccuracy()
        >>> accuracy.update_state(np.array([[0.3, 0.7]]), np.array([[0.1, 0.9]]))
        >>> accuracy.update_state(np.array([0]), np.array([[0.1, 0.9]]))
        >>> float(accuracy.result())
        0.5
    """

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Counts a batch."""
        return super().update_state(_prevailing(y_true), y_pred, sample_weight)


@keras.saving.register_keras_serializable(package=PACKAGE)
class LabelTopK(keras.metrics.SparseTopKCategoricalAccuracy):
    """How often the label, or its greatest share, is among the `k` most probable classes.

    Source: none of its own; Keras's two metrics in one.

    Example:
        >>> import numpy as np
        >>> top2 = LabelTopK(k=2)
        >>> top2.update_state(np.array([[0.6, 0.4, 0.0]]), np.array([[0.3, 0.1, 0.6]], "float32"))
        >>> float(top2.result())
        1.0
    """

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Counts a batch."""
        return super().update_state(_prevailing(y_true), y_pred, sample_weight)


def _prevailing(labels: Any) -> Any:
    labels = ops.convert_to_tensor(labels)
    return ops.argmax(labels, axis=-1) if are_shares(labels) else labels
