"""Refusals of what would silently do nothing or the wrong thing, or fail in words that mislead."""

from typing import Any

import keras

from keras_classic_cnns.core import validate


def refuse_data_parallel() -> None:
    """Refuses `keras.distribution`, which TensorFlow's backend takes without a word and ignores.

    Raises:
        ValueError: A distribution such as `keras.distribution.DataParallel` is set, and the backend
            is TensorFlow.
    """
    distribution = keras.distribution.distribution()
    if distribution is not None and keras.backend.backend() == "tensorflow":
        raise ValueError(
            "keras.distribution does nothing on the TensorFlow backend: training would run on one "
            "device. Unset it with keras.distribution.set_distribution(None), and take "
            "keras_classic_cnns.distribute.strategy('mirrored') or 'multi_worker'. "
            f"{validate.received('distribution', distribution)}"
        )


def check_model(model: Any, placement: Any) -> None:
    """Checks that a model was built and compiled for a placement, before `fit` is called.

    Args:
        model: The model; it may be not compiled yet.
        placement: What `strategy` returned.

    Raises:
        TypeError: `model` is not a `keras.Model`.
        ValueError: It was built or compiled outside of `placement.scope()`, it takes several steps
            an execution over several workers, its optimizer clips or scales what is one replica's,
            or `keras.distribution.DataParallel` is set.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. {validate.received('model', model)}")
    refuse_data_parallel()
    optimizer = getattr(model, "optimizer", None)
    is_ours = placement.strategy.extended.variable_created_in_scope
    for word, variables in (
        ("built", model.weights),
        ("compiled", optimizer.variables if optimizer else ()),
    ):
        if not all(is_ours(variable.value) for variable in variables):
            raise ValueError(
                f"The model was {word} outside of the scope of its strategy. Build and compile it "
                "inside of `with placement.scope():`. "
                f"{validate.received('model.name', model.name)}"
            )
    check_steps_per_execution(getattr(model, "steps_per_execution", 1), placement)
    if optimizer and placement.num_replicas_in_sync > 1:
        _check_optimizer(optimizer)


def _check_optimizer(optimizer: Any) -> None:
    """Refuses what Keras's optimizers do to the gradients of each replica, not to their sum."""
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is not None and _is_keras_own(optimizer, "check_finite"):
        raise ValueError(
            "Keras's LossScaleOptimizer asks the first replica alone whether its gradients "
            "overflow: those of another make all weights infinite. Compile with "
            "keras_classic_cnns.recipes.SharedLossScaleOptimizer, or compute in mixed_bfloat16. "
            f"{validate.received('model.optimizer', optimizer)}"
        )
    inner = inner or optimizer
    clips = {name: getattr(inner, name) for name in ("clipnorm", "global_clipnorm", "clipvalue")}
    clips = {name: value for name, value in clips.items() if value}
    if clips and _is_keras_own(inner, "_clip_gradients"):
        raise ValueError(
            "Keras clips the gradients of each replica, not their sum, and the greatest norm grows "
            "with the replicas. Take an optimizer of keras_classic_cnns.recipes, such as "
            f"SGDWithL2, which clips the sum. {validate.received(*clips.popitem())}"
        )


def _is_keras_own(thing: Any, name: str) -> bool:
    """Whether a method is the one that Keras wrote."""
    return getattr(type(thing), name).__module__.split(".")[0] == "keras"


def check_steps_per_execution(steps: int, placement: Any) -> None:
    """Checks that steps can run together as asked.

    Args:
        steps: Batches that run without going back to Python.
        placement: What `strategy` returned.

    Raises:
        ValueError: They are several, over several workers.
    """
    if steps > 1 and placement.workers > 1:
        raise ValueError(
            "`steps_per_execution` must be 1 over several workers: TensorFlow cannot average "
            f"gradients inside of Keras's loop. {validate.received('steps_per_execution', steps)}"
        )
