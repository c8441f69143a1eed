"""Recipes of residual networks with gates: stochastic depth, squeeze-and-excitation."""

import dataclasses

from keras_classic_cnns.recipes import _differences as differences
from keras_classic_cnns.recipes._residual import RESNET_IMAGENET
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.rules import Momentum
from keras_classic_cnns.recipes.schedules import Steps, divide_by_ten

_STOCHASTIC_DEPTH = (
    "G. Huang, Y. Sun, Z. Liu, D. Sedra, K. Weinberger, Deep networks with stochastic depth, 2016, "
    "arXiv 1603.09382, section 4"
)

STOCHASTIC_DEPTH_CIFAR = Recipe(
    "stochastic_depth_cifar",
    source=f"{_STOCHASTIC_DEPTH}, in the form of the authors' code (main.lua)",
    differences=(
        "The rate falls after a half and three quarters of the run, as the paper says; the code "
        "counts epochs from 1 and does so one epoch earlier.",
        differences.ALL_IMAGES,
        differences.IMAGENET_MEAN,
    ),
    learning_rate=0.1,
    batch_size=128,
    epochs=500,
    schedule=divide_by_ten(1 / 2, 3 / 4),
    rule=Momentum(0.9, nesterov=True),
    weight_decay=1e-4,
    augment=("pad_crop", "flip"),
    expected_error="CIFAR-10/CIFAR-100 %: 110 layers 5.25/24.98, 1202 layers 4.91/- (the paper)",
)

STOCHASTIC_DEPTH_CIFAR_1202 = dataclasses.replace(
    STOCHASTIC_DEPTH_CIFAR,
    name="stochastic_depth_cifar_1202",
    source=_STOCHASTIC_DEPTH,
    differences=(
        "Of its 1,202 layers the paper gives 300 epochs, the first 10 at a rate of 0.01; the rest "
        "is that of its 110 layers.",
        *STOCHASTIC_DEPTH_CIFAR.differences[1:],
    ),
    epochs=300,
    schedule=Steps((10 / 300, 1 / 2, 3 / 4), (0.1, 1.0, 0.1, 0.01)),
)

STOCHASTIC_DEPTH_IMAGENET = dataclasses.replace(
    RESNET_IMAGENET,
    name="stochastic_depth_imagenet",
    source=f"{_STOCHASTIC_DEPTH}, with the settings of fb.resnet.torch",
    differences=(
        "The paper takes 128 images a step with the settings of fb.resnet.torch, which are made "
        "for 256; here too the rate stays 0.1.",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    batch_size=128,
    expected_error="ImageNet top-1 %: 152 layers 23.38 after 90 epochs, 21.98 after 120; of "
    "constant depth 23.06 and 21.78 (the paper)",
)

SENET = Recipe(
    "senet",
    source="J. Hu, L. Shen, S. Albanie, G. Sun, E. Wu, Squeeze-and-excitation networks, 2017, "
    "arXiv 1709.01507, section 5; rate and batch size as in the authors' README",
    differences=(
        "100 epochs, and a rate divided by ten every 30, are recalled from the paper, not "
        "re-checked. The weight decay, which the paper does not give, is that of ResNet.",
        "The authors' README rotates images by up to 10 degrees and shifts pixels by up to 20; "
        "here they are cropped and mirrored only.",
        "BN-Inception, whose own paper's settings were not at hand, is trained as the SENet paper "
        "trains it beside SE-BN-Inception.",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    learning_rate=0.6,
    batch_size=1024,
    epochs=100,
    schedule=divide_by_ten(30 / 100, 60 / 100, 90 / 100),
    weight_decay=1e-4,
    augment=("random_resized_crop", "flip"),
    crop_fraction=224 / 256,
    dropout="0.2 before the classifier of SENet154, else none",
    expected_error="ImageNet, one crop, top-1/top-5 %: SE-ResNet-50 22.37/6.36, -101 21.75/5.72, "
    "-152 21.34/5.54, SE-ResNeXt-50 20.97/5.54, -101 19.81/4.96, SE-BN-Inception 23.62/7.04, "
    "SENet-154 18.68/4.47 (the authors' README, trained anew: batch 256, rate 0.1, more epochs); "
    "SE-ResNet-50 23.29/6.62, -101 22.38/6.07, -152 21.57/5.73, SE-ResNeXt-50 21.10/5.49, -101 "
    "20.70/5.01 (the paper; recalled, not re-checked)",
)
