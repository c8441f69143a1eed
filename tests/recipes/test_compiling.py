"""From a recipe to plain `fit`."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_classic_cnns as kcc
from keras_classic_cnns import data, recipes
from keras_classic_cnns.recipes import LabelCrossentropy, Mixing

RECIPE = recipes.get("lenet5").scaled(batch_size=32, epochs=2)
MIXED = dataclasses.replace(RECIPE, mixing=Mixing(0.2, 1.0), label_smoothing=0.1)


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


def test_images_stay_bytes_where_the_device_scales_them():
    small = data.load("digits", "train[:96]")
    histories = []
    for on_device in (False, True):
        keras.utils.set_random_seed(0)
        model = kcc.LeNet5(classes=10)
        arguments = RECIPE.datasets(model, small, small, on_device=on_device)
        for name in ("x", "validation_data"):
            assert (arguments[name].element_spec[0].dtype == tf.uint8) == on_device
        RECIPE.compile(model, arguments["steps_per_epoch"])
        histories.append(model.fit(**arguments, verbose=0).history)
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-4)


def test_mixed_images_are_scaled_before_they_reach_the_device():
    model = kcc.LeNet5(classes=10)
    small = data.load("digits", "train[:96]")
    given, ours = (
        MIXED.datasets(model, small, small, on_device=on_device) for on_device in (False, True)
    )
    np.testing.assert_array_equal(next(iter(ours["x"]))[0], next(iter(given["x"]))[0])
    assert ours["validation_data"].element_spec[0].dtype == tf.uint8


def test_auxiliary_heads_get_the_labels_too():
    """Shares of the mixed images, and integers to validate on."""
    model = kcc.GoogLeNet(weights=None, classes=10, aux_heads=True, input_shape=(80, 80, 3))
    small = data.load("digits", "train[:96]")
    recipe = MIXED.scaled(batch_size=4)
    arguments = recipe.datasets(model, small, small)
    recipe.compile(model, arguments["steps_per_epoch"])
    for batches, shape in ((arguments["x"], (4, 10)), (arguments["validation_data"], (4,))):
        images, labels = next(iter(batches))
        assert {name: each.shape for name, each in labels.items()} == dict.fromkeys(
            model.output_names, shape
        )
        outputs = model(images)
        losses = {name: LabelCrossentropy(0.1)(labels[name], outputs[name]) for name in labels}
        expected = losses["predictions"] + 0.3 * (losses["aux1"] + losses["aux2"])
        assert float(model.compute_loss(images, labels, outputs)) == pytest.approx(float(expected))


def test_mixed_images_train_and_whole_ones_are_validated_on():
    model = kcc.LeNet5(classes=10)
    arguments = MIXED.datasets(model, "digits", seed=3)
    MIXED.compile(model, arguments["steps_per_epoch"])
    assert arguments["x"].element_spec[1].shape == (32, 10)
    assert arguments["validation_data"].element_spec[1].shape == (None,)
    history = model.fit(**arguments, verbose=0).history
    assert history["loss"][1] < history["loss"][0] and history["val_accuracy"][1] > 0.5


def test_images_are_validated_on_the_middle_that_the_recipe_says():
    model = kcc.LeNet5(classes=10)
    small = data.load("digits", "train[:8]")
    middle = dataclasses.replace(RECIPE.scaled(batch_size=8), crop_fraction=0.5)
    (images, _), *_ = middle.datasets(model, small, small)["validation_data"]
    (whole, _), *_ = RECIPE.scaled(batch_size=8).datasets(model, small, small)["validation_data"]
    enlarged = keras.ops.image.resize(whole[:, 8:24, 8:24], (32, 32))
    assert np.abs(images - enlarged).mean() < 0.5 * np.abs(images - whole).mean()


def test_batches_to_validate_on_have_a_size_of_their_own():
    model, tested = kcc.LeNet5(), data.load("digits", "test[:65]")
    for size, found in ((None, [32, 32, 1]), (50, [50, 15])):
        arguments = RECIPE.datasets(model, "digits", tested, evaluation_batch_size=size)
        assert [len(labels) for _, labels in arguments["validation_data"]] == found
    with pytest.raises(ValueError, match="Received: evaluation_batch_size=0"):
        RECIPE.datasets(model, "digits", tested, evaluation_batch_size=0)


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


def test_accumulated_batches_come_in_parts():
    execution = recipes.Execution(accumulate=4)
    model = kcc.LeNet5(classes=10)
    recipe = recipes.get("lenet5").scaled(batch_size=32, epochs=1)
    whole = recipe.datasets(model, "digits")
    parts = recipe.datasets(model, "digits", execution=execution)
    assert parts["steps_per_epoch"] == 4 * whole["steps_per_epoch"]
    images = [part for part, _ in parts["x"].take(4)]
    assert {part.shape[0] for part in images} == {8}
    np.testing.assert_array_equal(tf.concat(images, 0), next(iter(whole["x"]))[0])


def test_precision_is_that_of_the_model():
    execution = recipes.Execution(precision="mixed_bfloat16")
    recipe = recipes.get("lenet5")
    with pytest.raises(ValueError, match=r"execution.building\(\).*have float32\. Received: pre"):
        recipe.compile(kcc.LeNet5(), 10, execution)
    with execution.building():
        model = kcc.LeNet5()
    recipe.compile(model, 10, execution)


def test_an_execution_does_not_run_into_the_next_epoch():
    model = kcc.LeNet5(classes=10)
    with pytest.raises(ValueError, match="divide the 44 batches.*steps_per_execution=7$"):
        RECIPE.datasets(model, "digits", execution=recipes.Execution(steps_per_execution=7))
    arguments = RECIPE.datasets(
        model, "digits", execution=recipes.Execution(steps_per_execution=8, accumulate=2)
    )
    assert arguments["steps_per_epoch"] == 88


@pytest.fixture
def photos(tmp_path):
    """A folder of images without splits."""
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(4):
            image = tf.io.encode_png(tf.fill((8, 8, 3), tf.constant(number, tf.uint8)))
            tf.io.write_file(str(tmp_path / "photos" / name / f"{number}.png"), image)
    return tmp_path / "photos"


def test_training_images_are_no_validation_images(photos):
    recipe, model = RECIPE.scaled(batch_size=4), kcc.LeNet5(classes=2)
    held_back = r"data.load\(name, 'train\[:90%\]'\) and 'train\[90%:\]'. Received: evaluation="
    for train in (str(photos), photos, data.load(photos, "train[:90%]")):
        with pytest.raises(ValueError, match=held_back):
            recipe.datasets(model, train, photos)
    assert "validation_data" not in recipe.datasets(model, photos)
    # of another set all is taken
    arrays = data.from_arrays(np.zeros((8, 8, 8), "uint8"), [0, 1] * 4)
    arguments = recipe.datasets(model, arrays, photos)
    assert sum(len(labels) for _, labels in arguments["validation_data"]) == 8


def test_what_is_no_data_is_told():
    model = kcc.LeNet5(classes=10)
    with pytest.raises(TypeError, match="`train` must be the name of a set, .*Received: train=3$"):
        RECIPE.datasets(model, 3)
    with pytest.raises(TypeError, match=r"`evaluation` must be .*Received: evaluation=\(\)$"):
        RECIPE.datasets(model, "digits", ())


def test_a_model_has_one_size():
    model = kcc.ResNet20(weights=None, classes=10, input_shape=(None, None, 3))
    small = data.load("digits", "train[:96]")
    with pytest.raises(ValueError, match=r"one size: input_shape=\(224, 224, 3\). Received: model"):
        RECIPE.datasets(model, small)
