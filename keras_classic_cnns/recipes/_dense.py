"""Recipes of FractalNet, DenseNet and SqueezeNet."""

import dataclasses

from keras_classic_cnns.recipes import _differences as differences
from keras_classic_cnns.recipes._residual import RESNET_IMAGENET
from keras_classic_cnns.recipes.curves import linear
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.rules import Momentum
from keras_classic_cnns.recipes.schedules import divide_by_ten

FRACTALNET_CIFAR = Recipe(
    "fractalnet_cifar",
    source="G. Larsson, M. Maire, G. Shakhnarovich, FractalNet: ultra-deep neural networks without "
    "residuals, 2016, arXiv 1605.07648, section 4, and the authors' code (gustavla/fractalnet)",
    differences=(
        "The paper divides the rate whenever what is left of the run has halved (recalled, not "
        "re-checked), with no end to it; here four times.",
        "There is no weight decay: the code multiplies it by 1 for weights and by 0 for biases, "
        "but its solver, which has the value, is not published.",
        differences.ONE_RATE_FOR_BIASES,
        differences.IMAGENET_MEAN,
    ),
    learning_rate=0.02,
    batch_size=100,
    epochs=400,
    schedule=divide_by_ten(1 / 2, 3 / 4, 7 / 8, 15 / 16),
    augment=("pad_crop", "flip"),
    options={"per": "batch"},  # a whole batch drops alike
    initializer="uniform of variance 1 / fan-in (Caffe's Xavier)",
    dropout="0, 0.1, 0.2, 0.3 and 0.4 in the five blocks, between convolution and normalisation",
    expected_error="CIFAR-10/CIFAR-100 %, augmented: FractalNet-20 5.22/23.30, with drop-path and "
    "dropout 4.60/23.73; not augmented, with both 7.33/28.20 (the paper)",
)

FRACTALNET_IMAGENET = dataclasses.replace(
    FRACTALNET_CIFAR,
    name="fractalnet_imagenet",
    differences=(
        *FRACTALNET_CIFAR.differences[:3],
        "How the paper crops ImageNet is not known; here 8 to 100 % of the area.",
        differences.SHUFFLED_IN_A_WINDOW,
        differences.ONE_CROP,
    ),
    learning_rate=0.001,
    batch_size=32,
    epochs=70,
    augment=("random_resized_crop", "flip"),
    crop_fraction=224 / 256,
    dropout="none",
    expected_error="ImageNet top-1/top-5 %, ten crops: FractalNet-34 24.12/7.39 (the paper; "
    "recalled, not re-checked)",
)

_DENSENET = (
    "G. Huang, Z. Liu, L. van der Maaten, K. Weinberger, Densely connected convolutional "
    "networks, 2016, arXiv 1608.06993, section 4.2"
)

DENSENET_CIFAR = Recipe(
    "densenet_cifar",
    source=_DENSENET,
    differences=(
        "Images are augmented, so that there is no dropout; without augmentation the paper drops "
        "0.2 after each convolution but the first: `--augment= --option dropout=0.2`.",
        differences.IMAGENET_MEAN,
    ),
    learning_rate=0.1,
    batch_size=64,
    epochs=300,
    schedule=divide_by_ten(1 / 2, 3 / 4),
    rule=Momentum(0.9, nesterov=True),
    weight_decay=1e-4,
    augment=("pad_crop", "flip"),
    dropout="none; 0.2 behind each convolution but the first where images are not augmented",
    expected_error="CIFAR-10/CIFAR-100 %, augmented: L=40 k=12 5.24/24.42, L=100 k=12 4.10/20.20, "
    "L=100 k=24 3.74/19.25; BC L=100 k=12 4.51/22.27, L=250 k=24 3.62/17.60, L=190 k=40 "
    "3.46/17.18 (the paper)",
)

DENSENET_IMAGENET = dataclasses.replace(
    RESNET_IMAGENET,
    name="densenet_imagenet",
    source=f"{_DENSENET}, trained as fb.resnet.torch (the authors' README)",
    differences=(differences.SHUFFLED_IN_A_WINDOW,),
    expected_error="ImageNet, one 224 crop, top-1/top-5 %: DenseNet-121 25.02/7.71, -169 "
    "23.80/6.85, -201 22.58/6.34 (the paper); -161 22.2/- (the authors' README)",
)

SQUEEZENET = Recipe(
    "squeezenet",
    source="F. Iandola, S. Han, M. Moskewicz, K. Ashraf, W. Dally, K. Keutzer, SqueezeNet, 2016, "
    "arXiv 1602.07360, in the form of the authors' solver (forresti/SqueezeNet)",
    differences=(
        "The solver's last form, as here, falls from 0.04 in a straight line over 170,000 steps; "
        "an earlier one fell from 0.08 as the root of what is left, over 85,000.",
        "The shorter side is scaled to 256 for crops of 224; Caffe squeezes images to 256x256, and "
        "cuts 227 pixels out.",
        "The networks start with twice the variance of the solver's Xavier, but for those with a "
        "bypass.",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    learning_rate=0.04,
    batch_size=512,
    epochs=68,  # 170,000 * 512 / 1,281,167
    schedule=linear(),
    weight_decay=2e-4,
    augment=("crop_of_256", "flip"),
    crop_fraction=224 / 256,
    initializer="He's uniform of the fan-in (the authors' Xavier, of half its variance, with a "
    "bypass); the last convolution normal of deviation 0.01",
    dropout="0.5 before the last convolution",
    expected_error="ImageNet top-1/top-5 %: 42.5/19.7; with simple bypass 39.6/17.5, complex "
    "41.2/18.0 (the paper)",
)
