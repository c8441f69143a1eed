"""The record: scaling, its optimizer, and what it refuses."""

import dataclasses

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st

from keras_classic_cnns import recipes
from keras_classic_cnns.recipes import Recipe, Steps

RECIPE = Recipe(
    "made up",
    "a test",
    learning_rate=0.4,
    batch_size=128,
    epochs=8,
    schedule=Steps((0.5,), (1.0, 0.1)),
    momentum=0.9,
    weight_decay=5e-4,
    decay_spares=("bias",),
)


@hypothesis.given(batch_size=st.integers(1, 4096), epochs=st.integers(1, 1000))
def test_rate_goes_with_the_batch_and_all_else_stays(batch_size, epochs):
    scaled = RECIPE.scaled(batch_size=batch_size, epochs=epochs)
    assert scaled.learning_rate / batch_size == pytest.approx(RECIPE.learning_rate / 128)
    changed = {"batch_size": batch_size, "epochs": epochs, "learning_rate": scaled.learning_rate}
    assert dataclasses.asdict(scaled) == {**dataclasses.asdict(RECIPE), **changed}


def test_unscaled_is_equal():
    assert RECIPE.scaled() == RECIPE


def test_boundaries_move_with_the_epochs():
    for epochs in (8, 2):
        rate = RECIPE.scaled(epochs=epochs).optimizer(steps_per_epoch=10)._learning_rate
        assert float(rate(5 * epochs - 1)) == pytest.approx(0.4)
        assert float(rate(5 * epochs)) == pytest.approx(0.04)


def test_optimizer_is_the_recipe():
    config = RECIPE.optimizer(10).get_config()
    expected = {"momentum": 0.9, "nesterov": False, "l2": 5e-4, "spares": ["bias"]}
    assert {key: config[key] for key in expected} == expected
    assert RECIPE.optimizer(10) is not RECIPE.optimizer(10)


def test_learning_rate_follows_the_schedule_in_fit():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    recipe = RECIPE.scaled(batch_size=4, epochs=4)
    model.compile(recipe.optimizer(steps_per_epoch=2), "mse")
    rates = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: rates.append(float(model.optimizer.learning_rate))
    )
    model.fit(np.ones((8, 2)), np.ones(8), batch_size=4, epochs=4, verbose=0, callbacks=[note])
    assert rates == pytest.approx([0.0125] * 4 + [0.00125] * 4)


@pytest.mark.parametrize("name", recipes.names())
def test_compiled_model_reloads_in_safe_mode(name, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(recipes.get(name).optimizer(5), "mse")
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert again.optimizer.get_config() == model.optimizer.get_config()
    assert float(again.optimizer.learning_rate) == float(model.optimizer.learning_rate)


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"learning_rate": 0}, ValueError, "must be above 0. Received: learning_rate=0$"),
        ({"learning_rate": "0.1"}, TypeError, "Received: learning_rate='0.1'$"),
        ({"batch_size": 0}, ValueError, "Received: batch_size=0$"),
        ({"epochs": 1.5}, TypeError, "Received: epochs=1.5$"),
        ({"momentum": 2}, ValueError, "Received: momentum=2$"),
        ({"weight_decay": -1e-4}, ValueError, "Received: weight_decay=-0.0001$"),
        (
            {"label_smoothing": 1.0},
            ValueError,
            "must be less than 1. Received: label_smoothing=1.0$",
        ),
    ],
)
def test_wrong_values(changes, error, message):
    with pytest.raises(error, match=message):
        dataclasses.replace(RECIPE, **changes)


@pytest.mark.parametrize("arguments", [{"batch_size": 0}, {"epochs": 0}, {"batch_size": -8}])
def test_wrong_scale(arguments):
    ((name, value),) = arguments.items()
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1. Received: {name}={value}$"):
        RECIPE.scaled(**arguments)


def test_wrong_steps_per_epoch():
    with pytest.raises(ValueError, match="Received: steps_per_epoch=0$"):
        RECIPE.optimizer(0)
