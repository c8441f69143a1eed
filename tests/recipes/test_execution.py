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
    clip=0.1,
    label_smoothing=0.1,
    epochs=2,
    schedule=recipes.Cosine(),  # which moves with every step, and with no part of one
)


# the other rule and the other kind of decay, averaged
AVERAGED = dataclasses.replace(
    RECIPE,
    rule=recipes.RMSProp(),
    decoupled=True,
    decay_spares=("bias",),
    average=recipes.Average(0.7, steps=6),
)


def trained(execution, recipe=RECIPE, batch=16, callbacks=None):
    """The losses and weights of LeNet-5 after six steps."""
    keras.utils.set_random_seed(0)
    with execution.building():
        model = kcc.LeNet5(classes=10)
    recipe.compile(model, 3 * execution.accumulate, execution)
    rng = np.random.default_rng(0)
    images, labels = rng.random((48, 32, 32, 1), "float32"), rng.integers(0, 10, 48)
    history = model.fit(
        images,
        labels,
        batch_size=execution.part(batch),
        epochs=2,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    )
    return np.array(history.history["loss"]), model


def assert_close(ones, others):
    for one, other in zip(ones, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


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
    assert_close(model.get_weights(), plain[1].get_weights())


def test_clipping_is_felt(plain):
    """Else the equality above would say nothing about it."""
    _, model = trained(Execution(), dataclasses.replace(RECIPE, clip=None))
    assert np.abs(model.get_weights()[0] - plain[1].get_weights()[0]).max() > 1e-3


class Notes(keras.callbacks.Callback):
    """The weights after each batch."""

    def __init__(self):
        super().__init__()
        self.weights = []

    def on_train_batch_end(self, batch, logs=None):
        self.weights.append(self.model.get_weights())


def averaged_run(**changes):
    """The weights after each batch, and the averages, which take their place in the end."""
    notes = Notes()
    _, model = trained(Execution(**changes), AVERAGED, callbacks=[notes])
    return notes.weights, model.get_weights()


@pytest.fixture(scope="module")
def averaged():
    return averaged_run()


def test_averages_are_the_same(averaged):
    weights, averages = averaged_run(steps_per_execution=3, xla="on")
    assert_close(weights[-1], averaged[0][-1])
    assert_close(averages, averaged[1])


def test_averages_move_a_part_as_far_with_every_part_of_a_step(averaged):
    """Keras's way: with four parts they move 24 times in six steps, by about a quarter each."""
    weights, averages = averaged_run(accumulate=4)
    assert_close(weights[-1], averaged[0][-1])
    momentum = AVERAGED.average.momentum_of(24)
    assert momentum == pytest.approx(1 - (1 - 0.7) / 4)
    expected = weights[3]  # the first step's, which Keras begins with
    for after in weights[4:]:
        expected = [
            momentum * old + (1 - momentum) * new for old, new in zip(expected, after, strict=True)
        ]
    assert_close(averages, expected)
    together = averaged_run(accumulate=4, steps_per_execution=3, xla="on")
    assert_close(together[0][-1], weights[-1])
    assert_close(together[1], averages)


def test_averages_take_the_place_of_the_weights_under_loss_scaling(averaged):
    weights, averages = averaged_run(precision="mixed_float16")
    for found, expected, raw in zip(averages, averaged[1], weights[-1], strict=True):
        assert not np.array_equal(found, raw)
        np.testing.assert_allclose(found, expected, atol=0.02)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize(
    "changes", [{}, {"accumulate": 2, "steps_per_execution": 3}, {"xla": "on"}], ids=str
)
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
