"""Recipes of the networks that were searched for: NAS-RL, NASNet."""

import dataclasses

from keras_classic_cnns.recipes import _differences as differences
from keras_classic_cnns.recipes._dense import DENSENET_CIFAR
from keras_classic_cnns.recipes.curves import Cosine, Exponential
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.rules import Average, RMSProp

NAS_RL = dataclasses.replace(
    DENSENET_CIFAR,
    name="nas_rl",
    source="B. Zoph, Q. Le, Neural architecture search with reinforcement learning, 2016, arXiv "
    "1611.01578, section 4.1, which trains what it found as DenseNet is trained",
    differences=(
        "Crops are padded by 4 pixels to 40; whitening is left out.",
        differences.IMAGENET_MEAN,
    ),
    dropout="none",
    expected_error="CIFAR-10 %: version 1 5.50 (the paper; recalled, not re-checked)",
)

_CODE = (
    "B. Zoph, V. Vasudevan, J. Shlens, Q. Le, Learning transferable architectures for scalable "
    "image recognition, 2017, arXiv 1707.07012, appendix A, and the authors' code "
    "(tensorflow/models, slim/nets/nasnet)"
)
_SLIM_SPARES = ("bias", "gamma", "beta")

NASNET_CIFAR = Recipe(
    "nasnet_cifar",
    source=_CODE,
    differences=(
        "Images are cropped and mirrored; the better one of the errors below is with cutout: "
        "`--augment=pad_crop,flip,cutout`.",
        differences.IMAGENET_MEAN,
    ),
    learning_rate=0.025,
    batch_size=32,
    epochs=600,
    schedule=Cosine(),
    weight_decay=5e-4,
    decay_spares=_SLIM_SPARES,
    clip=5.0,
    augment=("pad_crop", "flip"),
    options={"aux_heads": True},
    step_options=("drop_path_steps",),
    expected_error="CIFAR-10 %: NASNet-A 6@768 3.41, with cutout 2.65 (the paper)",
)

NASNET_MOBILE = Recipe(
    "nasnet_mobile",
    source=_CODE,
    differences=(
        "The 50 workers' 32 images are one step, as in the code, whose workers are synchronous.",
        "The code does not say how long it trains; 312 epochs are the 250,000 steps over which "
        "its drop-path grows.",
        "The average of the weights (0.9999) forgets as slowly in the first steps as in the last, "
        "and leaves out the statistics of batch normalisation.",
        "The mean of squares starts at 0, not at TensorFlow's 1, which decides over the size of "
        "the first dozen of steps.",
        differences.SLIM_COLOURS,
        differences.SHUFFLED_IN_A_WINDOW,
        differences.SLIM_EVALUATION,
    ),
    learning_rate=0.04 * 50,
    batch_size=32 * 50,
    epochs=312,  # 250,000 * 1600 / 1,281,167
    schedule=Exponential(0.97, times=312 / 2.4),  # 3 % less every 2.4 epochs
    rule=RMSProp(rho=0.9, momentum=0.9, epsilon=1.0),
    weight_decay=4e-5,
    decay_spares=_SLIM_SPARES,
    clip=10.0,
    average=Average(0.9999, steps=250_000),
    label_smoothing=0.1,
    augment=("random_resized_crop", "color_jitter", "flip"),
    crop_fraction=0.875,
    dropout="0.5 before the classifier",
    options={"aux_heads": True},
    expected_error="ImageNet, one crop, top-1/top-5 %: NASNet-A mobile 26.0/8.4 (the paper)",
)

NASNET_LARGE = dataclasses.replace(
    NASNET_MOBILE,
    name="nasnet_large",
    differences=(
        "The 100 workers' 16 images are one step, as in the code, whose workers are synchronous.",
        *NASNET_MOBILE.differences[1:],
    ),
    learning_rate=0.015 * 100,
    batch_size=16 * 100,
    weight_decay=5e-5,
    step_options=("drop_path_steps",),
    expected_error="ImageNet, one crop of 331, top-1/top-5 %: NASNet-A large 17.3/3.8 (the paper)",
)
