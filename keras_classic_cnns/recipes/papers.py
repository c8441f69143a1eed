"""One record a paper, and which of them an architecture is trained with."""

import dataclasses

from keras_classic_cnns.core import errors, validate
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.schedules import Steps, divide_by_ten
from keras_classic_cnns.registry import ModelSpec

LENET5 = Recipe(
    "lenet5",
    source="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to "
    "document recognition, Proc. IEEE 86 (1998), section III",
    differences=(
        "The paper's optimizer is stochastic diagonal Levenberg-Marquardt, one image at a time, "
        "which scales each weight's step by an estimate of its curvature. This is the closest "
        "plain SGD: rate, momentum and batch size are ours. The rate is one at which both variants "
        "train: the squared distances of variant='1998' diverge at 0.01.",
        "The paper centres 28x28 images in 32x32; here they are resized to 32x32 unless "
        "`image_size` is 28.",
        "The 20 passes and the shape of the schedule (5e-4 for two passes, 2e-4 for three, 1e-4 "
        "for three, 5e-5 for four, 1e-5 for eight) are recalled from the paper, not re-checked.",
    ),
    learning_rate=0.004,
    batch_size=32,
    epochs=20,
    schedule=Steps((2 / 20, 5 / 20, 8 / 20, 12 / 20), (1.0, 0.4, 0.2, 0.1, 0.02)),
    expected_error="MNIST 0.95 %, with distorted images 0.8 % (the paper's, by its own "
    "optimizer; recalled, not re-checked)",
)

_IMAGENET_DIFFERENCES = (
    "Colours are not changed; the code jitters brightness, contrast, saturation and lighting.",
    "Images are shuffled within a window of 8,192, over files in one order for the whole run; the "
    "code shuffles all of them anew in every epoch.",
    "Evaluation takes the largest centred square; the errors below are of the middle 224 pixels "
    "of a shorter side of 256.",
)

RESNET_IMAGENET = Recipe(
    "resnet_imagenet",
    source="K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition, 2015, "
    "arXiv 1512.03385, section 3.4, in the form of the code fb.resnet.torch",
    differences=(
        "The paper divides the rate when the error plateaus, over 600,000 steps; the code, as "
        "here, after 30 and 60 of 90 epochs.",
        "The paper crops 224 pixels from images of a shorter side of 256 to 480; the code, as "
        "here, a random 8 to 100 % of the area.",
        *_IMAGENET_DIFFERENCES,
    ),
    learning_rate=0.1,
    batch_size=256,
    epochs=90,
    schedule=divide_by_ten(30 / 90, 60 / 90),
    nesterov=True,  # as the code; the paper says momentum only
    weight_decay=1e-4,  # of all weights: the code decays biases and batch normalisation too
    augment=("random_resized_crop", "flip"),
    expected_error="ImageNet, one 224 crop, top-1/top-5 %: ResNet-18 30.43/10.76, -34 26.73/8.74, "
    "-50 24.01/7.02, -101 22.44/6.21, -152 22.16/6.16 (fb.resnet.torch). Ten crops: plain-18 "
    "27.94, plain-34 28.54 (the paper)",
)

RESNET_CIFAR = Recipe(
    "resnet_cifar",
    source="K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition, 2015, "
    "arXiv 1512.03385, section 4.2",
    differences=(
        "The paper counts 64,000 steps; on the 50,000 training images they are 164 epochs, as in "
        "the code fb.resnet.torch.",
        "The paper subtracts the mean of each pixel; here each channel is scaled by ImageNet's "
        "mean and deviation.",
    ),
    learning_rate=0.1,
    batch_size=128,
    epochs=164,
    schedule=divide_by_ten(32 / 64, 48 / 64),
    weight_decay=1e-4,
    augment=("pad_crop", "flip"),
    expected_error="CIFAR-10 %: ResNet-20 8.75, -32 7.51, -44 7.17, -56 6.97, -110 6.43 (of five "
    "6.61 +- 0.16), -1202 7.93 (the paper, Table 6)",
)

RESNET_CIFAR_WARMUP = dataclasses.replace(
    RESNET_CIFAR,
    name="resnet_cifar_warmup",
    differences=(
        *RESNET_CIFAR.differences,
        "The paper warms up with a rate of 0.01 until the training error is below 80 %, about "
        "400 steps for ResNet-110; here for 400 of the 64,000 steps, whatever the error.",
    ),
    schedule=Steps((0.4 / 64, 32 / 64, 48 / 64), (0.1, 1.0, 0.1, 0.01)),
)

RESNEXT_IMAGENET = dataclasses.replace(
    RESNET_IMAGENET,
    name="resnext_imagenet",
    source="S. Xie, R. Girshick, P. Dollar, Z. Tu, K. He, Aggregated residual transformations for "
    "deep neural networks, 2016, arXiv 1611.05431, section 4, which trains as fb.resnet.torch",
    differences=_IMAGENET_DIFFERENCES,
    expected_error="ImageNet, one 224 crop, top-1 %: ResNeXt-50 (32x4d) 22.2, -101 (32x4d) 21.2, "
    "-101 (64x4d) 20.4 (the authors' code)",
)

RESNEXT_CIFAR = Recipe(
    "resnext_cifar",
    source="S. Xie, R. Girshick, P. Dollar, Z. Tu, K. He, Aggregated residual transformations for "
    "deep neural networks, 2016, arXiv 1611.05431, section 5.4, in the form of the authors' code",
    differences=(
        "The numbers of the arXiv paper were made with pre-activation blocks and batch 256; the "
        "code, as here, has post-activation blocks and batch 128, and its README calls it better.",
    ),
    learning_rate=0.1,
    batch_size=128,
    epochs=300,
    schedule=divide_by_ten(150 / 300, 225 / 300),
    nesterov=True,
    weight_decay=5e-4,
    augment=("pad_crop", "flip"),
    expected_error="CIFAR-10/CIFAR-100 %: ResNeXt-29 8x64d 3.65/17.77, 16x64d 3.58/17.31 (the "
    "authors' code)",
)

_RECIPES = {
    recipe.name: recipe
    for recipe in (
        LENET5,
        RESNET_CIFAR,
        RESNET_CIFAR_WARMUP,
        RESNET_IMAGENET,
        RESNEXT_CIFAR,
        RESNEXT_IMAGENET,
    )
}
_OF_FAMILY = {
    "lenet": LENET5,
    "resnet": RESNET_IMAGENET,
    "cifar_resnet": RESNET_CIFAR,
    "resnext": RESNEXT_IMAGENET,
}
_OF_MODEL = {
    "resnet110": RESNET_CIFAR_WARMUP,
    "resnet1202": RESNET_CIFAR_WARMUP,
    "resnext29_8x64d": RESNEXT_CIFAR,
    "resnext29_16x64d": RESNEXT_CIFAR,
}


def names() -> list[str]:
    """The names of all recipes, sorted.

    Example:
        >>> names()[:2]
        ['lenet5', 'resnet_cifar']
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
        The paper's recipe, for the images the architecture was made for. Networks without
        shortcuts share the recipe of those they are compared with.

    Raises:
        ValueError: There is none for this architecture.
    """
    recipe = _OF_MODEL.get(spec.name) or _OF_FAMILY.get(spec.family)
    if recipe is None:
        raise ValueError(
            "There is no recipe of this network's own paper yet; choose another one, `recipe=`: "
            f"{', '.join(names())}. {validate.received('model', spec.name)}"
        )
    return recipe
