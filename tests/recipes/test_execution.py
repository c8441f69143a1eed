"""How steps are computed: parts of a step, XLA, precision, each and together."""

import dataclasses

import keras
import numpy as np
import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns import recipes
from keras_classic_cnns.recipes import Execution

RECIPE = dataclasses.replace(
    recipes.get("lenet5"),
    learning_rate=0.02,
    weight_decay=1e-3,
    clip=1.0,
    epochs=2,
    schedule=recipes.Steps(),  # a rate of every part would be another one
)


def trained(execution, batch=16):
    """The losses and weights of LeNet-5 after six steps."""
    keras.utils.set_random_seed(0)
    with execution.building():
        model = kcc.LeNet5(classes=10)
    RECIPE.compile(model, 3 * execution.accumulate, execution)
    rng = np.random.default_rng(0)
    images, labels = rng.random((48, 32, 32, 1), "float32"), rng.integers(0, 10, 48)
    history = model.fit(
        images,
        labels,
        batch_size=execution.part(batch),
        epochs=2,
        shuffle=False,
        verbose=0,
    )
    return np.array(history.history["loss"]), model


@pytest.fixture(scope="module")
def plain():
    return trained(Execution())


@pytest.mark.parametrize(
    "changes",
    [
        {"accumulate": 4},
        {"steps_per_execution": 3},
        {"xla": "on"},
        {"accumulate": 4, "steps_per_execution": 3, "xla": "on"},
    ],
    ids=str,
)
def test_the_result_is_the_same(changes, plain):
    losses, model = trained(Execution(**changes))
    np.testing.assert_allclose(losses, plain[0], rtol=1e-5)
    for mine, theirs in zip(model.get_weights(), plain[1].get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("changes", [{}, {"accumulate": 2, "steps_per_execution": 3}], ids=str)
def test_mixed_precision_is_near_and_keeps_its_weights_in_float32(precision, changes, plain):
    losses, model = trained(Execution(precision=precision, **changes))
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
    assert model.layers[1].compute_dtype == precision.removeprefix("mixed_")
    assert model.output.dtype == "float32"
    # eight bits of mantissa, or eleven; the losses are near log(10)
    assert not np.array_equal(losses, plain[0])
    np.testing.assert_allclose(losses, plain[0], rtol=0.02)


def test_float16_losses_are_scaled():
    _, model = trained(Execution(precision="mixed_float16"))
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(model.optimizer.inner_optimizer, recipes.SGDWithL2)


def test_the_policy_of_the_user_comes_back():
    with pytest.raises(RuntimeError), Execution(precision="mixed_bfloat16").building():
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        raise RuntimeError
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"precision": "float16"}, ValueError),
        ({"xla": True}, (ValueError, TypeError)),
        ({"accumulate": 0}, ValueError),
        ({"steps_per_execution": 1.5}, TypeError),
    ],
)
def test_wrong_arguments(changes, error):
    ((name, value),) = changes.items()
    with pytest.raises(error, match=f"Received: {name}={value!r}"):
        Execution(**changes)
