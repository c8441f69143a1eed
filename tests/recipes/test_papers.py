"""The recipes of the papers: their figures, and that every architecture finds its own."""

import dataclasses

import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns import recipes, registry
from keras_classic_cnns.data import augment

NESTEROV = {"resnet_imagenet", "resnext_imagenet", "resnext_cifar"}  # those that follow Torch code
# name: rate, batch, epochs, weight decay, boundaries (the papers and their code)
FIGURES = {
    "resnet_imagenet": (0.1, 256, 90, 1e-4, (30 / 90, 60 / 90)),
    "resnet_cifar": (0.1, 128, 164, 1e-4, (32 / 64, 48 / 64)),
    "resnet_cifar_warmup": (0.1, 128, 164, 1e-4, (400 / 64_000, 32 / 64, 48 / 64)),
    "resnext_imagenet": (0.1, 256, 90, 1e-4, (30 / 90, 60 / 90)),
    "resnext_cifar": (0.1, 128, 300, 5e-4, (150 / 300, 225 / 300)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_of_the_papers(name):
    recipe = recipes.get(name)
    schedule = recipe.schedule
    found = (recipe.learning_rate, recipe.batch_size, recipe.epochs, recipe.weight_decay)
    assert (*found, schedule.boundaries) == FIGURES[name]
    assert recipe.momentum == 0.9 and recipe.nesterov == (name in NESTEROV)
    assert schedule.factors[-3:] == pytest.approx((1.0, 0.1, 0.01))


def test_lenet_follows_the_passes_of_1998():
    recipe = recipes.get("lenet5")
    rates = [5e-4 * float(recipe.schedule(epoch, 20)) for epoch in range(20)]
    assert rates == pytest.approx([5e-4] * 2 + [2e-4] * 3 + [1e-4] * 3 + [5e-5] * 4 + [1e-5] * 8)
    assert any("Levenberg-Marquardt" in difference for difference in recipe.differences)


def test_warm_up_of_resnet_110_takes_400_of_64_000_steps():
    schedule = recipes.get("resnet_cifar_warmup").schedule
    rates = [0.1 * float(schedule(step, 64_000)) for step in (0, 399, 400)]
    assert rates == pytest.approx([0.01, 0.01, 0.1])


@pytest.mark.parametrize(
    "model, recipe",
    [
        ("lenet5", "lenet5"),
        ("resnet50", "resnet_imagenet"),
        ("plainnet34", "resnet_imagenet"),
        ("resnet20", "resnet_cifar"),
        ("plainnet56", "resnet_cifar"),
        ("resnet110", "resnet_cifar_warmup"),
        ("resnet1202", "resnet_cifar_warmup"),
        ("resnext101_64x4d", "resnext_imagenet"),
        ("resnext29_8x64d", "resnext_cifar"),
        ("resnext29_16x64d", "resnext_cifar"),
    ],
)
def test_recipe_of_a_model(model, recipe):
    assert recipes.for_model(registry.get_spec(model)) is recipes.get(recipe)


# Families whose papers' recipes are still to be written; whoever adds one takes it out here.
WITHOUT_RECIPE = {
    *("alexnet", "zfnet", "nin", "vgg", "googlenet", "bn_inception", "inception_v3"),
    *("inception_v4", "inception_resnet", "preact_resnet", "cifar_preact_resnet", "wide_resnet"),
    *("stochastic_depth", "senet", "se_inception", "fractalnet", "densenet", "cifar_densenet"),
    *("squeezenet", "nasnet", "nas_rl"),
}


def test_every_model_of_small_images_has_a_recipe_of_small_images():
    for name in kcc.list_models():
        spec = registry.get_spec(name)
        if spec.family in WITHOUT_RECIPE:
            with pytest.raises(ValueError, match="no recipe of this network"):
                recipes.for_model(spec)
            continue
        crop = "random_resized_crop" in recipes.for_model(spec).augment
        assert crop == (spec.input_size > 32), name


def test_model_without_a_recipe_is_named():
    spec = dataclasses.replace(registry.get_spec("lenet5"), name="mynet", family="mine")
    with pytest.raises(ValueError, match="`recipe=`: lenet5, .* Received: model='mynet'$"):
        recipes.for_model(spec)


def test_unknown_recipe_offers_the_nearest():
    with pytest.raises(
        ValueError, match="Did you mean 'resnet_cifar'.*Received: name='resnet_cifer'$"
    ):
        recipes.get("resnet_cifer")
    with pytest.raises(TypeError, match="Received: name=None$"):
        recipes.get(None)


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_is_complete(name):
    recipe = recipes.get(name)
    assert recipe.name == name and recipe.source and recipe.expected_error
    assert recipe.differences, "a recipe that departs in nothing from its paper is news"
    assert set(recipe.augment) <= set(augment.NAMES)
