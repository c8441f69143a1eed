"""The record: scaling, its optimizer, and what it refuses."""

import dataclasses

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st

from keras_classic_cnns import recipes
from keras_classic_cnns.recipes import Average, Recipe, RMSProp, Steps

RECIPE = Recipe(
    "made up",
    "a test",
    learning_rate=0.4,
    batch_size=128,
    epochs=8,
    schedule=Steps((0.5,), (1.0, 0.1)),
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


def test_optimizer_has_all_that_the_recipe_says():
    recipe = dataclasses.replace(
        RECIPE, rule=RMSProp(0.8, 0.7, 0.6), decoupled=True, clip=3.0, average=Average(0.9, 80)
    )
    config = recipe.optimizer(steps_per_epoch=10).get_config()  # 80 steps
    expected = {
        **{"rho": 0.8, "momentum": 0.7, "epsilon": 0.6, "global_clipnorm": 3.0},
        **{"l2": 0.0, "weight_decay": 5e-4, "spares": ["bias"]},
        **{"use_ema": True, "ema_momentum": pytest.approx(0.9), "average_from": 75},
    }
    assert {key: config[key] for key in expected} == expected


def test_the_average_reaches_over_the_same_share_of_a_run():
    recipe = dataclasses.replace(RECIPE, average=Average(0.99, steps=1000))
    for steps_per_epoch, momentum in ((125, 0.99), (25, 0.95), (1, 0.0)):  # 8 epochs
        config = recipe.optimizer(steps_per_epoch).get_config()
        assert config["ema_momentum"] == pytest.approx(momentum)


def test_options_are_those_that_the_architecture_has():
    recipe = dataclasses.replace(
        RECIPE, options={"dropout": 0.3, "aux_heads": True}, step_options=("drop_path_steps",)
    )
    assert recipe.options_for(["dropout", "groups"]) == {"dropout": 0.3}
    assert recipe.step_options_for(["dropout"], 10) == {}
    assert recipe.step_options_for(["drop_path_steps"], 10) == {"drop_path_steps": 80}
    assert hash(recipe) == hash(dataclasses.replace(recipe))


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


def compiled(recipe):
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((4, 4, 3)),
        keras.layers.Conv2D(2, 3),
        keras.layers.BatchNormalization(),
        keras.layers.Flatten(),
        keras.layers.Dense(3, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    loss = recipes.LabelCrossentropy(recipe.label_smoothing)
    model.compile(recipe.optimizer(steps_per_epoch=2), loss)
    return model


def fitted(model, epochs):
    """Trains for two steps an epoch."""
    draws = np.random.default_rng(0)
    x, y = draws.normal(size=(8, 4, 4, 3)).astype("float32"), draws.integers(0, 3, 8)
    return model.fit(x, y, batch_size=4, epochs=epochs, shuffle=False, verbose=0).history["loss"]


@pytest.mark.parametrize("name", recipes.names())
def test_two_steps_change_the_weights_and_leave_a_finite_loss(name):
    model = compiled(recipes.get(name).scaled(batch_size=4, epochs=2))
    before = model.get_weights()
    assert np.isfinite(fitted(model, epochs=1)).all()
    assert int(model.optimizer.iterations) == 2
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert np.abs(before[0] - model.get_weights()[0]).max() > 0


# one of each: plain, ahead, clipped, scaled and averaged, warmed up
@pytest.mark.parametrize(
    "name", ["lenet5", "resnet_imagenet", "nasnet_cifar", "inception_v3", "modern"]
)
def test_goes_on_from_a_file_as_if_it_had_not_stopped(name, tmp_path):
    """Weights, step, and all of the optimizer's state are in the file."""
    recipe = recipes.get(name).scaled(batch_size=4, epochs=2)
    whole, half = compiled(recipe), compiled(recipe)
    fitted(whole, epochs=2)
    fitted(half, epochs=1)
    half.save(tmp_path / "half.keras")
    again = keras.saving.load_model(tmp_path / "half.keras", safe_mode=True)
    fitted(again, epochs=1)
    for ours, theirs in zip(again.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(again.optimizer.variables, whole.optimizer.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


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
        ({"decoupled": 1}, TypeError, "Received: decoupled=1$"),
        ({"crop_fraction": 0.05}, ValueError, "at least 0.1. Received: crop_fraction=0.05$"),
        ({"schedule": 0.1}, TypeError, r"a Schedule, such as Steps\(\). Received: schedule=0.1$"),
        ({"rule": "sgd"}, TypeError, "a Momentum or an RMSProp. Received: rule='sgd'$"),
        ({"average": 0.9}, TypeError, "must be an Average or None. Received: average=0.9$"),
        ({"augment": "flip"}, TypeError, "a sequence of names.*Received: augment='flip'$"),
        ({"augment": (1,)}, TypeError, r"a sequence of names.*Received: augment=\(1,\)$"),
        ({"decay_spares": "bias"}, TypeError, "of names.*Received: decay_spares='bias'$"),
        ({"crop_fraction": 1.1}, ValueError, "must be at most 1. Received: crop_fraction=1.1$"),
        ({"mixing": 0.2}, TypeError, "must be a Mixing or None. Received: mixing=0.2$"),
        ({"clip": 0}, ValueError, "`clip` must be above 0. Received: clip=0$"),
        ({"clip": "5"}, TypeError, "Received: clip='5'$"),
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
