"""Recipes of ResNet and its descendants: ResNeXt, pre-activation, wide, stochastic depth, SE."""

import dataclasses

from keras_classic_cnns.recipes import _differences as differences
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.rules import Momentum
from keras_classic_cnns.recipes.schedules import Steps, divide_by_ten

_NESTEROV = Momentum(0.9, nesterov=True)

RESNET_IMAGENET = Recipe(
    "resnet_imagenet",
    source="K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition, 2015, "
    "arXiv 1512.03385, section 3.4, in the form of the code fb.resnet.torch",
    differences=(
        "The paper divides the rate when the error plateaus, over 600,000 steps; the code, as "
        "here, after 30 and 60 of 90 epochs.",
        "The paper crops 224 pixels from images of a shorter side of 256 to 480, and shifts "
        "colours as AlexNet's does (`--augment=scale_jitter,pca_color,flip`); the code, as here, "
        "crops a random 8 to 100 % of the area, and jitters colours too.",
        "Momentum is Nesterov's, as in the code; the paper says momentum only.",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    learning_rate=0.1,
    batch_size=256,
    epochs=90,
    schedule=divide_by_ten(30 / 90, 60 / 90),
    rule=_NESTEROV,
    weight_decay=1e-4,  # of all weights: the code decays biases and batch normalisation too
    augment=("random_resized_crop", "color_jitter", "pca_color", "flip"),
    crop_fraction=224 / 256,
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
        differences.ALL_IMAGES,
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

PREACT_IMAGENET = dataclasses.replace(
    RESNET_IMAGENET,
    name="preact_imagenet",
    source="K. He, X. Zhang, S. Ren, J. Sun, Identity mappings in deep residual networks, 2016, "
    "arXiv 1603.05027, section 5, in the form of the code fb.resnet.torch",
    differences=(
        "That the paper trains its ImageNet networks as fb.resnet.torch does is recalled, not "
        "re-checked.",
        "The paper has 200 layers; the other depths are trained alike.",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    expected_error="ImageNet top-1/top-5 %: ResNet-200 21.66/5.79 (fb.resnet.torch), 20.1/4.8, one "
    "320 crop (the paper, with crops of any scale and aspect, as here)",
)

PREACT_CIFAR = dataclasses.replace(
    RESNET_CIFAR_WARMUP,
    name="preact_cifar",
    source="K. He, X. Zhang, S. Ren, J. Sun, Identity mappings in deep residual networks, 2016, "
    "arXiv 1603.05027, appendix",
    differences=(
        RESNET_CIFAR.differences[0],
        "The paper warms up for 400 steps, as here. The authors' code takes 64 images a step and "
        "200 epochs, without memory for 128, and gets a lower error (4.62 % of 1,001 layers).",
        differences.IMAGENET_MEAN,
        differences.ALL_IMAGES,
    ),
    expected_error="CIFAR-10/CIFAR-100 %: 110 layers 6.37/-, 164 5.46/24.33, 1001 4.92/22.71 (the "
    "paper)",
)

WIDE_CIFAR = Recipe(
    "wide_cifar",
    source="S. Zagoruyko, N. Komodakis, Wide residual networks, 2016, arXiv 1605.07146, section 3, "
    "in the form of the authors' code (scripts/train_cifar.sh)",
    differences=(
        "Dropout is 0, our networks' default; the paper's nets with dropout have 0.3: "
        "`--option dropout=0.3`.",
        differences.IMAGENET_MEAN,
    ),
    learning_rate=0.1,
    batch_size=128,
    epochs=200,
    schedule=Steps((60 / 200, 120 / 200, 160 / 200), (1.0, 0.2, 0.04, 0.008)),
    rule=_NESTEROV,
    weight_decay=5e-4,
    augment=("reflect_pad_crop", "flip"),
    initializer="He's normal of the fan-in",
    dropout="none; 0.3 between the convolutions of a unit in the paper's nets that have it",
    expected_error="CIFAR-10/CIFAR-100 %: WRN-16-8 4.27/20.43, -28-10 4.00/19.25 (with dropout "
    "3.89/18.85), -40-4 4.53/21.18, -16-4 5.02/24.03 (the paper; of -16-4 and of CIFAR-100 for "
    "-16-8 and -40-4 recalled, not re-checked)",
)

WIDE_IMAGENET = dataclasses.replace(
    RESNET_IMAGENET,
    name="wide_imagenet",
    source="S. Zagoruyko, N. Komodakis, Wide residual networks, 2016, arXiv 1605.07146, section "
    "3.4; what it leaves open is fb.resnet.torch's",
    differences=(
        "Nothing of the paper's ImageNet settings was at hand: this is the recipe of ResNet.",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    expected_error="ImageNet, one crop, top-1/top-5 %: WRN-50-2 21.9/6.03 (the authors)",
)

RESNEXT_IMAGENET = dataclasses.replace(
    RESNET_IMAGENET,
    name="resnext_imagenet",
    source="S. Xie, R. Girshick, P. Dollar, Z. Tu, K. He, Aggregated residual transformations for "
    "deep neural networks, 2016, arXiv 1611.05431, section 4, which trains as fb.resnet.torch",
    differences=(differences.SHUFFLED_IN_A_WINDOW,),
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
        differences.IMAGENET_MEAN,
    ),
    learning_rate=0.1,
    batch_size=128,
    epochs=300,
    schedule=divide_by_ten(150 / 300, 225 / 300),
    rule=_NESTEROV,
    weight_decay=5e-4,
    augment=("pad_crop", "flip"),
    expected_error="CIFAR-10/CIFAR-100 %: ResNeXt-29 8x64d 3.65/17.77, 16x64d 3.58/17.31 (the "
    "authors' code)",
)
