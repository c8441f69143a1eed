"""The recipes of the papers: their figures, and that every architecture finds its own."""

import dataclasses

import pytest

import keras_classic_cnns as kcc
from keras_classic_cnns import recipes, registry
from keras_classic_cnns.data import augment
from keras_classic_cnns.recipes import Mixing, Momentum, RMSProp

SGD, AHEAD, SCALED = Momentum(0.9), Momentum(0.9, nesterov=True), RMSProp(0.9, 0.9, 1.0)
# name: images a step, epochs, weight decay, rule, {epoch: rate}, as the papers and their code say
FIGURES = {
    "alexnet": (256, 90, 5e-4, SGD, {0: 0.01, 19: 0.01, 21: 1e-3, 41: 1e-4, 61: 1e-5, 81: 1e-6}),
    "zfnet": (128, 70, 0, SGD, {0: 0.01, 69: 1e-6}),
    "nin_cifar": (128, 307, 1e-4, SGD, {0: 0.01, 255: 0.01, 256: 1e-3}),
    "nin_imagenet": (256, 90, 5e-4, SGD, {0: 0.01, 21: 1e-3}),
    "vgg": (256, 74, 5e-4, SGD, {0: 0.01, 18: 0.01, 19: 1e-3, 37: 1e-4, 73: 1e-5}),
    "googlenet": (32, 250, 2e-4, SGD, {0: 0.01, 7: 0.01, 8: 0.0096, 16: 0.009216}),
    "inception_v3": (1600, 100, 4e-5, SCALED, {0: 0.045, 1: 0.045, 2: 0.0423, 4: 0.039762}),
    "inception_v4": (1600, 100, 4e-5, SCALED, {0: 0.045, 1: 0.045, 2: 0.0423, 4: 0.039762}),
    "resnet_imagenet": (256, 90, 1e-4, AHEAD, {0: 0.1, 29: 0.1, 30: 0.01, 59: 0.01, 60: 1e-3}),
    "resnet_cifar": (128, 164, 1e-4, SGD, {0: 0.1, 81: 0.1, 82: 0.01, 122: 0.01, 123: 1e-3}),
    "resnet_cifar_warmup": (128, 164, 1e-4, SGD, {0: 0.01, 1: 0.01, 2: 0.1, 82: 0.01, 123: 1e-3}),
    "preact_imagenet": (256, 90, 1e-4, AHEAD, {0: 0.1, 29: 0.1, 30: 0.01, 60: 1e-3}),
    "preact_cifar": (128, 164, 1e-4, SGD, {0: 0.01, 1: 0.01, 2: 0.1, 82: 0.01, 123: 1e-3}),
    "wide_cifar": (128, 200, 5e-4, AHEAD, {59: 0.1, 60: 0.02, 120: 0.004, 160: 8e-4}),
    "wide_imagenet": (256, 90, 1e-4, AHEAD, {0: 0.1, 30: 0.01, 60: 1e-3}),
    "resnext_imagenet": (256, 90, 1e-4, AHEAD, {0: 0.1, 30: 0.01, 60: 1e-3}),
    "resnext_cifar": (128, 300, 5e-4, AHEAD, {149: 0.1, 150: 0.01, 224: 0.01, 225: 1e-3}),
    "stochastic_depth_cifar": (128, 500, 1e-4, AHEAD, {249: 0.1, 250: 0.01, 375: 1e-3}),
    "stochastic_depth_cifar_1202": (128, 300, 1e-4, AHEAD, {9: 0.01, 10: 0.1, 150: 0.01}),
    "stochastic_depth_imagenet": (128, 90, 1e-4, AHEAD, {0: 0.1, 30: 0.01, 60: 1e-3}),
    "senet": (1024, 100, 1e-4, SGD, {29: 0.6, 30: 0.06, 60: 6e-3, 90: 6e-4}),
    "fractalnet_cifar": (100, 400, 0, SGD, {199: 0.02, 200: 2e-3, 300: 2e-4, 350: 2e-5, 375: 2e-6}),
    "fractalnet_imagenet": (32, 70, 0, SGD, {34: 1e-3, 35: 1e-4}),
    "densenet_cifar": (64, 300, 1e-4, AHEAD, {149: 0.1, 150: 0.01, 225: 1e-3}),
    "densenet_imagenet": (256, 90, 1e-4, AHEAD, {29: 0.1, 30: 0.01, 60: 1e-3}),
    "squeezenet": (512, 68, 2e-4, SGD, {0: 0.04, 17: 0.03, 34: 0.02, 51: 0.01}),
    "nas_rl": (64, 300, 1e-4, AHEAD, {149: 0.1, 150: 0.01, 225: 1e-3}),
    "nasnet_cifar": (32, 600, 5e-4, SGD, {0: 0.025, 200: 0.01875, 300: 0.0125, 400: 0.00625}),
    "nasnet_mobile": (1600, 312, 4e-5, SCALED, {0: 2.0, 2: 2.0, 3: 1.94, 5: 1.8818}),
    "nasnet_large": (1600, 312, 5e-5, SCALED, {0: 1.5, 2: 1.5, 3: 1.455, 5: 1.41135}),
    "modern": (1024, 600, 2e-5, SGD, {0: 0.005, 5: 0.5, 302.5: 0.25}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_of_the_papers(name):
    batch_size, epochs, decay, rule, rates = FIGURES[name]
    recipe = recipes.get(name)
    found = (recipe.batch_size, recipe.epochs, recipe.weight_decay, recipe.rule)
    assert found == (batch_size, epochs, decay, rule)
    rate = recipe.rate(steps_per_epoch=200)
    assert {epoch: float(rate(int(epoch * 200))) for epoch in rates} == pytest.approx(rates)
    assert not recipe.decoupled  # none of these is so young


def test_all_recipes_are_held_to_their_figures():
    assert {*FIGURES, "lenet5"} == set(recipes.names())


@pytest.mark.parametrize(
    ("names", "spared"),
    [
        (("alexnet", "nin_imagenet", "googlenet"), ("bias",)),  # Caffe's decay_mult: 0
        (
            (
                *("inception_v3", "inception_v4"),
                *(f"nasnet_{w}" for w in ("cifar", "mobile", "large")),
            ),
            ("bias", "gamma", "beta"),  # TF-Slim's regularizers of kernels
        ),
        (("modern",), ("gamma", "beta")),
        (("resnet_imagenet", "densenet_cifar", "wide_cifar", "squeezenet", "vgg"), ()),
    ],
)
def test_weights_that_are_not_decayed(names, spared):
    for name in names:
        assert recipes.get(name).decay_spares == spared, name


def test_clips_smoothing_and_averages():
    found = {}
    for name in recipes.names():
        recipe = recipes.get(name)
        if recipe.clip or recipe.label_smoothing or recipe.average:
            momentum = recipe.average and recipe.average.momentum
            found[name] = (recipe.clip, recipe.label_smoothing, momentum)
    assert found == {
        "inception_v3": (2.0, 0.1, 0.9999),
        "inception_v4": (2.0, 0.1, 0.9999),
        "nasnet_cifar": (5.0, 0.0, None),
        "nasnet_mobile": (10.0, 0.1, 0.9999),
        "nasnet_large": (10.0, 0.1, 0.9999),
        # 32 steps of this make torchvision's one of 1 - 2e-5 * 1024 * 32 / 600
        "modern": (None, 0.1, pytest.approx(1 - 2e-5 * 1024 * 32 / 600 / 32)),
    }


def test_averages_have_their_momentum_in_the_papers_run():
    for name, steps in (("inception_v3", 800), ("nasnet_mobile", 801)):  # 1,281,167 / 1600
        config = recipes.get(name).optimizer(steps).get_config()
        assert config["ema_momentum"] == pytest.approx(0.9999, abs=1e-6), name


@pytest.mark.parametrize("name", recipes.names())
def test_options_are_some_architectures(name):
    recipe = recipes.get(name)
    specs = [registry.get_spec(model) for model in kcc.list_models()]
    known = {option for s in specs if recipes.for_model(s) is recipe for option in s.options}
    assert {*recipe.options, *recipe.step_options} <= known


def test_auxiliary_heads_are_trained_where_there_are_any():
    for name in kcc.list_models():
        spec = registry.get_spec(name)
        if "aux_heads" in spec.options:
            assert recipes.for_model(spec).options_for(spec.options)["aux_heads"] is True, name


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
        ("alexnetv2", "alexnet"),
        ("nin", "nin_imagenet"),
        ("nincifar", "nin_cifar"),
        ("vgg11lrn", "vgg"),
        ("bninception", "senet"),
        ("inceptionresnetv2", "inception_v4"),
        ("preactresnet200", "preact_imagenet"),
        ("preactresnet1001", "preact_cifar"),
        ("wrn28_10", "wide_cifar"),
        ("wideresnet50_2", "wide_imagenet"),
        ("wideresnet101_2", "wide_imagenet"),
        ("stochasticdepthresnet110", "stochastic_depth_cifar"),
        ("stochasticdepthresnet1202", "stochastic_depth_cifar_1202"),
        ("stochasticdepthresnet152", "stochastic_depth_imagenet"),
        ("senet154", "senet"),
        ("fractalnet20", "fractalnet_cifar"),
        ("fractalnet34", "fractalnet_imagenet"),
        ("densenet121", "densenet_imagenet"),
        ("densenetbc100_12", "densenet_cifar"),
        ("squeezenet11", "squeezenet"),
        ("nasnetcifar", "nasnet_cifar"),
        ("nasnetmobile", "nasnet_mobile"),
        ("nasnetlarge", "nasnet_large"),
        ("nasrlv1", "nas_rl"),
    ],
)
def test_recipe_of_a_model(model, recipe):
    assert recipes.for_model(registry.get_spec(model)) is recipes.get(recipe)


OF_PHOTOS = {"random_resized_crop", "crop_of_256", "scale_jitter_512"}
OF_SMALL_IMAGES = {"pad_crop", "reflect_pad_crop"}


def test_every_model_has_a_recipe_for_images_of_its_size():
    for name in kcc.list_models():
        spec, recipe = registry.get_spec(name), recipes.for_model(registry.get_spec(name))
        if spec.input_size > 32:
            assert len(OF_PHOTOS & set(recipe.augment)) == 1 and recipe.crop_fraction, name
        else:
            assert not OF_PHOTOS & set(recipe.augment) and recipe.crop_fraction is None, name


@pytest.mark.parametrize(
    ("names", "augment"),
    [
        (("alexnet", "nin_imagenet"), ("crop_of_256", "pca_color", "flip")),
        (("zfnet", "squeezenet"), ("crop_of_256", "flip")),
        (("vgg",), ("scale_jitter_512", "pca_color", "flip")),
        (  # fb.resnet.torch
            (
                *("resnet_imagenet", "preact_imagenet", "wide_imagenet", "resnext_imagenet"),
                *("stochastic_depth_imagenet", "densenet_imagenet", "googlenet"),
            ),
            ("random_resized_crop", "color_jitter", "pca_color", "flip"),
        ),
        (
            ("inception_v3", "inception_v4", "nasnet_mobile", "nasnet_large"),
            ("random_resized_crop", "color_jitter", "flip"),
        ),
        (("senet", "fractalnet_imagenet", "modern"), ("random_resized_crop", "flip")),
        (("wide_cifar",), ("reflect_pad_crop", "flip")),
        (("resnet_cifar", "densenet_cifar", "nasnet_cifar", "nas_rl"), ("pad_crop", "flip")),
        (("lenet5",), ()),
    ],
)
def test_augmentations_of_the_papers(names, augment):
    for name in names:
        assert recipes.get(name).augment == augment, name


def test_only_the_modern_one_mixes_images():
    mixing = {name: recipes.get(name).mixing for name in recipes.names()}
    assert mixing.pop("modern") == Mixing(mixup_alpha=0.2, cutmix_alpha=1.0)
    assert set(mixing.values()) == {None}


def test_what_is_said_of_dropout_is_what_the_networks_have():
    for name in kcc.list_models():
        spec = registry.get_spec(name)
        if rate := spec.options.get("dropout"):
            assert f"{rate}" in recipes.for_model(spec).dropout, name


@pytest.mark.parametrize(
    ("model", "size", "mode"),
    [("resnet20", 32, "fan_out"), ("wrn16_4", 32, "fan_in"), ("squeezenet11", 64, "fan_in")],
)
def test_what_is_said_of_initialisers_is_what_the_networks_have(model, size, mode):
    built = kcc.get_model(model, weights=None, input_shape=(size, size, 3), classes=10)
    kernels = [layer for layer in built.layers if hasattr(layer, "kernel_initializer")]
    # without the classifier, which is the last
    modes = {getattr(layer.kernel_initializer, "mode", None) for layer in kernels[:-1]}
    assert modes == {mode}
    said = recipes.for_model(registry.get_spec(model)).initializer
    assert f"of the {mode.replace('_', '-')}" in said


def test_every_recipe_but_the_modern_one_is_some_models():
    used = {recipes.for_model(registry.get_spec(name)).name for name in kcc.list_models()}
    assert set(recipes.names()) - used == {"modern"}


def test_model_without_a_recipe_is_named():
    spec = dataclasses.replace(registry.get_spec("lenet5"), name="mynet", family="mine")
    with pytest.raises(ValueError, match="`recipe=`: alexnet, .* Received: model='mynet'$"):
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
    assert recipe.initializer and recipe.dropout
    assert recipe.differences, "a recipe that departs in nothing from its paper is news"
    assert set(recipe.augment) <= set(augment.NAMES)
