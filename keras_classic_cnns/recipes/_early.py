"""Recipes of the networks before Inception: LeNet, AlexNet, ZFNet, NiN, VGG."""

import dataclasses

from keras_classic_cnns.recipes import _differences as differences
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.schedules import Steps, divide_by_ten

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
    initializer="uniform within 2.4 / fan-in with variant='1998', as in the paper; Glorot's "
    "uniform with 'modern'",
    expected_error="MNIST 0.95 %, with distorted images 0.8 % (the paper's, by its own "
    "optimizer; recalled, not re-checked)",
)

ALEXNET = Recipe(
    "alexnet",
    source="A. Krizhevsky, I. Sutskever, G. Hinton, ImageNet classification with deep "
    "convolutional neural networks, NIPS 2012, section 5, in the form of Caffe's bvlc_alexnet",
    differences=(
        "The paper divides the rate three times, when the error no longer falls, and takes 128 "
        "images a step; Caffe's solver, as here, divides it after every 100,000 of 450,000 steps "
        "of 256.",
        "Colours are shifted along their principal components, as in the paper; Caffe leaves them.",
        "The shorter side is scaled to 256 for crops of 224; Caffe squeezes images to 256x256, and "
        "cuts 227 pixels out.",
        differences.ONE_RATE_FOR_BIASES,
        differences.SHUFFLED_IN_A_WINDOW,
        differences.ONE_CROP,
    ),
    learning_rate=0.01,
    batch_size=256,
    epochs=90,  # 450,000 * 256 / 1,281,167
    schedule=divide_by_ten(100 / 450, 200 / 450, 300 / 450, 400 / 450),
    weight_decay=5e-4,
    decay_spares=("bias",),
    augment=("crop_of_256", "pca_color", "flip"),
    crop_fraction=224 / 256,
    initializer="normal of deviation 0.01; biases of conv2, conv4, conv5, fc6 and fc7 at 0.1, as "
    "Caffe's (the paper: 1). AlexNetV2: convolutions by He's normal of the fan-out, biases 0",
    dropout="0.5 at fc6 and fc7",
    expected_error="ImageNet top-1/top-5 %: 42.9/19.8, centre crop (Caffe's bvlc_alexnet); "
    "40.7/18.2, ten crops (the paper)",
)

ZFNET = Recipe(
    "zfnet",
    source="M. Zeiler, R. Fergus, Visualizing and understanding convolutional networks, 2013, "
    "arXiv 1311.2901, section 3",
    differences=(
        "The paper anneals the rate by hand, and does not say when; here it falls where Caffe's "
        "AlexNet, the network that this one mends, divides it.",
        "There is no weight decay: none is known of the paper.",
        "Filters of the first layer are not scaled back to a root mean square of 0.1.",
        differences.SHUFFLED_IN_A_WINDOW,
        differences.ONE_CROP,
    ),
    learning_rate=0.01,
    batch_size=128,
    epochs=70,
    schedule=ALEXNET.schedule,
    augment=("crop_of_256", "flip"),
    crop_fraction=224 / 256,
    initializer="normal of deviation 0.01; biases 0",
    dropout="0.5 behind fc6 and fc7",
    expected_error="ImageNet top-1/top-5 %, ten crops: 38.4/16.5, wide 37.5/16.0 (the paper)",
)

NIN_CIFAR = Recipe(
    "nin_cifar",
    source="M. Lin, Q. Chen, S. Yan, Network in network, 2013, arXiv 1312.4400, section 4, in the "
    "form of the solver in Caffe's model zoo",
    differences=(
        "The paper divides the rate twice, when the error no longer falls (recalled, not "
        "re-checked); the solver, as here, once, after 100,000 of 120,000 steps. The solver was "
        "read in a copy by others (natanielruiz/net-archive).",
        "The rate is the solver's 0.1 divided by ten. At 0.1 our network, whose images are not "
        "whitened, stayed at chance on the bundled digits (108 steps of 32, scaled); at 0.01 it "
        "trains. Not tried on CIFAR.",
        "No global contrast normalisation and no ZCA whitening.",
        "Whether the solver's net decays biases was not read.",
    ),
    learning_rate=0.01,
    batch_size=128,
    epochs=307,  # 120,000 * 128 / 50,000
    schedule=divide_by_ten(100 / 120),
    weight_decay=1e-4,
    augment=("pad_crop", "flip"),
    initializer="He's normal of the fan-out, in place of the paper's, which was not at hand",
    dropout="0.5 behind the first two stages",
    expected_error="CIFAR-10 8.81 %, without augmentation 10.41 %; CIFAR-100 35.68 % (the paper)",
)

NIN_IMAGENET = dataclasses.replace(
    ALEXNET,
    name="nin_imagenet",
    source="Caffe's bvlc_alexnet, for the ImageNet network of M. Lin in Caffe's model zoo",
    differences=(
        "The paper has no ImageNet network, and the solver of the model zoo's was not found: this "
        "is AlexNet's recipe.",
        *ALEXNET.differences[1:-1],
    ),
    initializer=NIN_CIFAR.initializer,
    dropout="0.5 before the last stage",
    expected_error="ImageNet top-1 40.64 %, centre crop (the model zoo, by its own solver)",
)

VGG = Recipe(
    "vgg",
    source="K. Simonyan, A. Zisserman, Very deep convolutional networks for large-scale image "
    "recognition, 2014, arXiv 1409.1556, section 3.1",
    differences=(
        "The paper divides the rate when the error no longer falls, three times in 370,000 steps, "
        "and does not say when; here at the quarters of the run, which is ours.",
        "Every network starts by itself; the paper starts net A from noise, and the deeper nets "
        "from A's trained layers.",
        "The paper does not say whether biases are decayed; here they are.",
        "The scale is jittered for all networks, to which the lower errors of C, D and E below "
        "belong; A and B, and the higher errors, are of one scale, 256 (`--augment=crop_of_256,"
        "pca_color,flip`) or 384.",
        differences.SHUFFLED_IN_A_WINDOW,
        "A run is validated on the centre crop; for the errors below the network looks at all of "
        "an image, `evaluate --views=dense --scales=384`, or 256 for those of one scale.",
    ),
    learning_rate=0.01,
    batch_size=256,
    epochs=74,
    schedule=divide_by_ten(1 / 4, 2 / 4, 3 / 4),
    weight_decay=5e-4,
    augment=("scale_jitter_512", "pca_color", "flip"),
    crop_fraction=224 / 256,
    initializer="convolutions by He's normal of the fan-out, dense layers normal of deviation 0.01",
    dropout="0.5 behind fc6 and fc7",
    expected_error="ImageNet top-1/top-5 %, dense evaluation at one scale: A 29.6/10.4, B "
    "28.7/9.9, C 28.1/9.4, D 27.0/8.8, E 27.3/9.0; with scale jitter C 27.3/8.8, D 25.6/8.1, E "
    "25.5/8.0 (the paper)",
)
