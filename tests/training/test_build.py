import dataclasses

import pytest

from keras_classic_cnns import data, recipes, registry
from keras_classic_cnns.core.errors import MissingDataError
from keras_classic_cnns.training import build, losses


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
    images, labels = next(iter(chosen.train_batches(skip_steps=0)))
    assert images.shape == (64, 16, 16, 1) and labels.shape == (64,)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"model": "lenet6"}, ValueError, "There is no model of this name"),
        ({"dataset": "cifar10", "data_dir": "/nowhere"}, MissingDataError, "cifar10"),
        ({"recipe": "lenet6"}, ValueError, "The recipes are lenet5"),
        ({"batch_size": 500}, ValueError, "`batch_size` is larger than the 200 examples"),
        ({"augment": ("blur",)}, ValueError, "blur"),
        ({"option": ("depth=3",)}, TypeError, "depth"),
        ({"train_split": "practice"}, ValueError, "practice"),
    ],
)
def test_what_does_not_fit_is_told(settings, changes, error, message):
    with pytest.raises(error, match=message):
        made = plan(settings, **changes)
        made.build()
        made.train_batches(skip_steps=0)


def test_the_validation_split_comes_before_the_test_split(monkeypatch):
    def load(name, split, data_dir):
        if split not in splits:
            raise ValueError("no such split")
        return split

    monkeypatch.setattr(data, "load", load)
    splits = ["train", "test", "validation"]
    assert build.load_evaluation("imagenet2012", None, None) == "validation"
    splits = ["train", "test"]
    assert build.load_evaluation("mnist", None, None) == "test"
    assert build.load_evaluation("mnist", "train", None) == "train"
    splits = ["train"]
    with pytest.raises(ValueError, match=r"Hold a part .*train\[90%:\].*dataset='tf_flowers'"):
        build.load_evaluation("tf_flowers", None, None)


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
    assert (
        type(build.compiled_model("lenet5", smooth, source).loss)
        is losses.SmoothedSparseCrossentropy
    )


@pytest.mark.parametrize(("classes", "metrics"), [(19, ["accuracy"]), (20, ["accuracy", "top5"])])
def test_top5_is_shown_where_it_means_something(classes, metrics):
    model = registry.get_model("lenet5", classes=classes)
    build.compile_with(model, recipes.get("lenet5"), steps_per_epoch=1)
    model.train_on_batch(*_batch())
    assert [name for name in model.get_metrics_result() if name != "loss"] == metrics


def _batch():
    import numpy as np

    return np.zeros((2, 32, 32, 1), "float32"), np.array([0, 1])
