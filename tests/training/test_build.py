import dataclasses

import numpy as np
import pytest

from keras_classic_cnns import data, recipes, registry
from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.training import build


def plan(settings, **changes):
    return build.make_plan(settings("unused", **changes))


def test_a_plan_resolves_every_default(settings):
    chosen = plan(settings, eval_split=None, learning_rate=None, augment=None, epochs=None)
    assert chosen.eval.split == "test"
    assert chosen.input_shape == (32, 32, 1)
    assert chosen.recipe == recipes.get("lenet5").scaled(batch_size=32)
    assert (chosen.steps_per_epoch, chosen.total_steps) == (6, 6 * chosen.recipe.epochs)


def test_a_plan_takes_what_is_asked_for(settings):
    chosen = plan(
        settings,
        model="resnet20",
        recipe="resnext_cifar",
        image_size=16,
        channels=1,
        option=("shortcut=B",),
        batch_size=64,
        learning_rate=None,
    )
    assert chosen.recipe.learning_rate == pytest.approx(0.05)  # 0.1 at 128, halved with the batch
    assert chosen.recipe.weight_decay == 5e-4 and chosen.recipe.augment == ("pad_crop",)
    model = chosen.build()
    assert model.input_shape == (None, 16, 16, 1) and model.output_shape == (None, 10)
    assert any("shortcut" in layer.name for layer in model.layers)
    images, labels = next(iter(chosen.train_batches(skip=0)))
    assert images.shape == (64, 16, 16, 1) and labels.shape == (64,)


def test_recipes_leave_the_colours_of_grey_images(settings):
    grey = {"model": "resnet18", "channels": 1, "image_size": 32}
    assert plan(settings, **grey, augment=None).recipe.augment == ("random_resized_crop", "flip")
    asked = plan(settings, **grey, augment=("pca_color",))
    with pytest.raises(ValueError, match="'pca_color' changes colours.*Received: channels=1$"):
        asked.train_batches(skip=0)


@pytest.mark.parametrize(
    ("changes", "mixing"),
    [
        ({}, Mixing(0.2, 1.0)),
        ({"cutmix_alpha": 0.0}, Mixing(0.2, 0.0)),
        ({"mixup_alpha": 0.4}, Mixing(0.4, 1.0)),
        ({"mixup_alpha": 0.0, "cutmix_alpha": 0.0}, None),
        ({"recipe": "lenet5"}, None),
        ({"recipe": "lenet5", "mixup_alpha": 0.4}, Mixing(0.4, 0.0)),
    ],
)
def test_flags_change_the_mixing_of_the_recipe(settings, changes, mixing):
    assert plan(settings, **({"recipe": "modern"} | changes)).recipe.mixing == mixing


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"model": "lenet6"}, ValueError, "There is no model of this name"),
        ({"dataset": "cifar10", "data_dir": "/nowhere"}, MissingDataError, "cifar10"),
        ({"recipe": "lenet6"}, ValueError, "The recipes are alexnet"),
        ({"batch_size": 500}, ValueError, "`batch_size` is larger than the 200 examples"),
        ({"augment": ("blur",)}, ValueError, "blur"),
        ({"option": ("depth=3",)}, ValueError, "no option 'depth'; it has variant"),
        ({"option": ("classes=3",)}, ValueError, "no option 'classes'"),
        ({"option": ("variant=2000",)}, ValueError, "`variant` must be one of"),
        ({"eval_split": "practice"}, ValueError, "practice"),
        ({"train_split": "practice"}, ValueError, "practice"),
        ({"profile_steps": (19, 20)}, ValueError, r"the 18 batches.*profile_steps=\(19, 20\)"),
    ],
)
def test_what_does_not_fit_is_told(settings, changes, error, message):
    with pytest.raises(error, match=message):
        made = plan(settings, **changes)
        made.build()
        made.train_batches(skip=0)


@pytest.mark.parametrize("split", ["train_split", "eval_split"])
def test_a_split_that_hides_its_labels_is_refused(split, settings, monkeypatch):
    """As the test split of imagenet2012 does, whose labels are all -1."""

    def load(name, split, **kwargs):
        source = real(name, split, **kwargs)
        if split != "test[:99]":
            return source
        pairs = source.dataset.map(lambda image, label: (image, label - label - 1))
        return dataclasses.replace(source, dataset=pairs, encoded=None)

    real = data.load
    monkeypatch.setattr(data, "load", load)
    message = r"the 10 classes in digits, test\[:99\]: .*imagenet2012.*Received: label=-1$"
    with pytest.raises(ValueError, match=message):
        plan(settings, **{split: "test[:99]"})


def test_validation_data_have_the_classes_of_the_training_data(settings, monkeypatch):
    def load(name, split, **kwargs):
        source = real(name, split, **kwargs)
        return dataclasses.replace(source, labels=source.labels[: 10 if split == "train" else 9])

    real = data.load
    monkeypatch.setattr(data, "load", load)
    with pytest.raises(ValueError, match=r"\(digits, train\) have 10 classes .*digits, test\) 9"):
        plan(settings, train_split="train", eval_split="test")


def test_compiled_models_have_the_recipes_optimizer_and_loss():
    source = data.load("digits", "train")
    recipe = recipes.get("resnet_cifar").scaled(batch_size=64, epochs=2)
    model = build.compiled_model("resnet20", recipe, source)
    rate = model.optimizer.get_config()["learning_rate"]["config"]
    assert rate["learning_rate"] == pytest.approx(0.05) and rate["total_steps"] == 2 * 22
    assert model.loss.from_logits is False
    logits = build.compiled_model("lenet5", recipe, source, classifier_activation=None)
    assert logits.loss.from_logits is True
    smooth = dataclasses.replace(recipe, label_smoothing=0.1)
    assert build.compiled_model("lenet5", smooth, source).loss.label_smoothing == 0.1


@pytest.mark.parametrize(("classes", "metrics"), [(19, ["accuracy"]), (20, ["accuracy", "top5"])])
def test_top5_is_shown_where_it_means_something(classes, metrics):
    model = registry.get_model("lenet5", classes=classes)
    recipes.get("lenet5").compile(model, steps_per_epoch=1)
    model.train_on_batch(*_batch())
    assert [name for name in model.get_metrics_result() if name != "loss"] == metrics


def _batch():
    return np.zeros((2, 32, 32, 1), "float32"), np.array([0, 1])


@pytest.fixture(scope="module")
def searched(settings):
    """`searched(**changes)`: the plan of a NASNet of three cells, by its own recipe."""
    small = {"model": "nasnetcifar", "option": ("cells=1", "filters=24"), "augment": None}
    return lambda **changes: plan(settings, **(small | changes))


def drop_path_steps(model):
    return {layer.total_steps for layer in model.layers if hasattr(layer, "total_steps")}


def test_a_plan_takes_the_options_of_the_recipe(searched):
    chosen = searched()
    assert chosen.recipe.name == "nasnet_cifar" and chosen.options["aux_heads"] is True
    model = chosen.build()
    assert len(model.outputs) == 2
    assert drop_path_steps(model) == {chosen.total_steps} == {18}


def test_options_that_are_asked_for_come_first(searched):
    chosen = searched(option=("cells=1", "filters=24", "aux_heads=False", "drop_path_steps=7"))
    model = chosen.build()
    assert len(model.outputs) == 1 and drop_path_steps(model) == {7}


def test_a_longer_run_has_the_same_options(searched):
    """Else it could not go on: a record may differ in the epochs only."""
    assert searched(epochs=5).options == searched().options


def test_weights_decide_over_the_graph(searched, tmp_path):
    path = tmp_path / "small.weights.h5"
    plain = searched(option=("cells=1", "filters=24", "aux_heads=False"))
    registry.get_model(
        "nasnetcifar", weights=None, input_shape=(32, 32, 3), classes=10, cells=1, filters=24
    ).save_weights(path)
    assert plain.recipe.options == {"aux_heads": True}
    model = searched(weights=str(path)).build()
    assert len(model.outputs) == 1 and drop_path_steps(model) == {None}
