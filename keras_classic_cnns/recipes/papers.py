"""The recipes by name, and which of them an architecture is trained with."""

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.recipes import _dense as dense
from keras_classic_cnns.recipes import _early as early
from keras_classic_cnns.recipes import _gated as gated
from keras_classic_cnns.recipes import _inception as inception
from keras_classic_cnns.recipes import _modern as modern
from keras_classic_cnns.recipes import _residual as residual
from keras_classic_cnns.recipes import _searched as searched
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.registry import ModelSpec

_RECIPES = {
    recipe.name: recipe
    for module in (early, inception, residual, gated, dense, searched, modern)
    for recipe in vars(module).values()
    if isinstance(recipe, Recipe)
}
_OF_FAMILY = {
    "lenet": early.LENET5,
    "alexnet": early.ALEXNET,
    "zfnet": early.ZFNET,
    "nin": early.NIN_IMAGENET,
    "vgg": early.VGG,
    "googlenet": inception.GOOGLENET,
    "bn_inception": gated.SENET,
    "inception_v3": inception.INCEPTION_V3,
    "inception_v4": inception.INCEPTION_V4,
    "inception_resnet": inception.INCEPTION_V4,
    "resnet": residual.RESNET_IMAGENET,
    "cifar_resnet": residual.RESNET_CIFAR,
    "preact_resnet": residual.PREACT_IMAGENET,
    "cifar_preact_resnet": residual.PREACT_CIFAR,
    "wide_resnet": residual.WIDE_CIFAR,
    "resnext": residual.RESNEXT_IMAGENET,
    "stochastic_depth": gated.STOCHASTIC_DEPTH_CIFAR,
    "senet": gated.SENET,
    "se_inception": gated.SENET,
    "fractalnet": dense.FRACTALNET_CIFAR,
    "densenet": dense.DENSENET_IMAGENET,
    "cifar_densenet": dense.DENSENET_CIFAR,
    "squeezenet": dense.SQUEEZENET,
    "nasnet": searched.NASNET_CIFAR,
    "nas_rl": searched.NAS_RL,
}
_OF_MODEL = {
    "nincifar": early.NIN_CIFAR,
    "resnet110": residual.RESNET_CIFAR_WARMUP,
    "resnet1202": residual.RESNET_CIFAR_WARMUP,
    "wideresnet50_2": residual.WIDE_IMAGENET,
    "wideresnet101_2": residual.WIDE_IMAGENET,
    "resnext29_8x64d": residual.RESNEXT_CIFAR,
    "resnext29_16x64d": residual.RESNEXT_CIFAR,
    "stochasticdepthresnet1202": gated.STOCHASTIC_DEPTH_CIFAR_1202,
    "stochasticdepthresnet152": gated.STOCHASTIC_DEPTH_IMAGENET,
    "fractalnet34": dense.FRACTALNET_IMAGENET,
    "nasnetmobile": searched.NASNET_MOBILE,
    "nasnetlarge": searched.NASNET_LARGE,
}


def names() -> list[str]:
    """The names of all recipes, sorted.

    Example:
        >>> names()[:2]
        ['alexnet', 'densenet_cifar']
    """
    return sorted(_RECIPES)


def get(name: str) -> Recipe:
    """A recipe by name.

    Raises:
        ValueError: There is no such recipe; the message offers the nearest names.

    Example:
        >>> get("resnext_cifar").weight_decay
        0.0005
    """
    if validate.string("name", name) not in _RECIPES:
        raise ValueError(
            f"The recipes are {', '.join(names())}. {errors.close_matches(name, _RECIPES)}"
            f"{validate.received('name', name)}"
        )
    return _RECIPES[name]


def for_model(spec: ModelSpec) -> Recipe:
    """The recipe that an architecture's paper trains it with.

    Args:
        spec: The record of the architecture, `registry.get_spec("resnet20")`.

    Returns:
        The paper's recipe, for the images the architecture was made for. Networks that a paper
        only compares its own with share the recipe of those.

    Raises:
        ValueError: There is none for this architecture.
    """
    recipe = _OF_MODEL.get(spec.name) or _OF_FAMILY.get(spec.family)
    if recipe is None:
        raise ValueError(
            "There is no recipe of this network's own paper; choose another one, `recipe=`: "
            f"{', '.join(names())}. {validate.received('model', spec.name)}"
        )
    return recipe
