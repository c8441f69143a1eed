"""From a recipe to plain `fit`."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

import keras_classic_cnns as kcc
from keras_classic_cnns import data, recipes

RECIPE = recipes.get("lenet5").scaled(batch_size=32, epochs=2)


def test_fit_takes_what_a_recipe_gives():
    model = kcc.LeNet5(classes=10)
    small = data.load("digits", "train[:96]")
    arguments = RECIPE.datasets(model, small, data.load("digits", "test[:40]"), seed=3)
    RECIPE.compile(model, arguments["steps_per_epoch"])
    history = model.fit(**arguments, verbose=0).history
    assert len(history["val_accuracy"]) == 2 and int(model.optimizer.iterations) == 6
    assert history["loss"][1] < history["loss"][0]


def test_a_set_is_taken_by_its_name():
    model = kcc.LeNet5(classes=10)
    arguments = RECIPE.datasets(model, "digits")
    assert arguments["steps_per_epoch"] == 1437 // 32
    assert sum(len(labels) for _, labels in arguments["validation_data"]) == 360
    images, _ = next(iter(arguments["x"]))
    assert images.shape == (32, 32, 32, 1)


def test_the_order_follows_the_seed():
    model = kcc.LeNet5(classes=10)
    small = data.load("digits", "train[:96]")
    first = [
        next(iter(RECIPE.datasets(model, small, seed=seed)["x"]))[1].numpy() for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(first[0], first[1])
    assert not np.array_equal(first[0], first[2])


def test_without_data_to_validate_on_there_is_none():
    small = data.load("digits", "train[:96]")
    assert "validation_data" not in RECIPE.datasets(kcc.LeNet5(classes=10), small)


def test_images_are_scaled_as_the_weights_want():
    """A net with weights trained on [-1, 1] gets such images."""
    model = kcc.ResNet20(weights=None, classes=10)
    small = data.load("digits", "train[:96]")
    plain = next(iter(RECIPE.datasets(model, small)["x"]))[0].numpy()
    kcc.weights.remember_preprocessing(model, "raw")
    raw = next(iter(RECIPE.datasets(model, small)["x"]))[0].numpy()
    assert raw.max() > 100 > abs(plain).max()


def test_auxiliary_heads_get_the_labels_too():
    model = kcc.GoogLeNet(weights=None, classes=10, aux_heads=True, input_shape=(80, 80, 3))
    small = data.load("digits", "train[:96]")
    arguments = RECIPE.datasets(model, small, small)
    for batches in (arguments["x"], arguments["validation_data"]):
        assert set(batches.element_spec[1]) == set(model.output_names)


def test_more_images_a_step_than_there_are():
    with pytest.raises(ValueError, match="batch_size"):
        RECIPE.datasets(kcc.LeNet5(classes=10), data.load("digits", "train[:20]"))


def test_model_and_data_have_the_same_classes():
    small = data.load("digits", "train[:96]")
    two = data.from_arrays(np.zeros((40, 8, 8), "uint8"), [0, 1] * 20)
    with pytest.raises(ValueError, match=r"tells 3 classes apart .*classes=10. .*name='lenet5'$"):
        RECIPE.datasets(kcc.LeNet5(classes=3), small)
    with pytest.raises(ValueError, match=r"digits, train\[:96\]\) have 10 .*arrays, train\) 2: "):
        RECIPE.datasets(kcc.LeNet5(classes=10), small, two)


def test_a_wrong_label_stops_the_stream_and_is_named():
    zeros = np.zeros((40, 8, 8), "uint8")
    made = data.from_arrays(zeros, [0, 1] * 20)
    wrong = made.dataset.map(lambda image, label: (image, label + 1))
    batches = RECIPE.datasets(kcc.LeNet5(classes=2), dataclasses.replace(made, dataset=wrong))["x"]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"none of the 2 classes.*number 1\]"):
        next(iter(batches))
