"""Recipes of GoogLeNet and the Inception networks."""

import dataclasses

from keras_classic_cnns.recipes import _differences as differences
from keras_classic_cnns.recipes.curves import Exponential
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.rules import Average, RMSProp

GOOGLENET = Recipe(
    "googlenet",
    source="C. Szegedy et al., Going deeper with convolutions, 2014, arXiv 1409.4842, section 6, "
    "in the form of Caffe's bvlc_googlenet (solver.prototxt)",
    differences=(
        "The paper trains asynchronously, and gives momentum and schedule; rate, batch size, "
        "weight decay and length are Caffe's.",
        "The paper averages the weights of the run (Polyak); neither Caffe nor this does.",
        differences.ONE_RATE_FOR_BIASES,
        "Colours change as in fb.resnet.torch; the paper's photometric distortions are A. "
        "Howard's (2013), and Caffe leaves colours as they are.",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    learning_rate=0.01,
    batch_size=32,
    epochs=250,  # 10,000,000 * 32 / 1,281,167
    schedule=Exponential(0.96, times=250 / 8),  # 4 % less every 8 epochs
    weight_decay=2e-4,
    decay_spares=("bias",),
    augment=("random_resized_crop", "color_jitter", "pca_color", "flip"),
    crop_fraction=224 / 256,
    options={"aux_heads": True},
    initializer="uniform of variance 1 / fan-in, biases 0.2 (Caffe's); He's normal of the fan-out "
    "with variant='bn'",
    dropout="0.4 before the classifier (0.2 with variant='bn'), 0.7 in the auxiliary heads",
    expected_error="ImageNet top-1/top-5 %: 31.3/11.1, centre crop (Caffe's model, of another "
    "schedule: 60 epochs, rate falling as the root of what is left); top-5 10.07, one crop (the "
    "paper; recalled, not re-checked)",
)

INCEPTION_V3 = Recipe(
    "inception_v3",
    source="C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna, Rethinking the Inception "
    "architecture for computer vision, 2015, arXiv 1512.00567, section 8, in the form of the "
    "authors' code (tensorflow/models, inception_distributed_train.py)",
    differences=(
        "The 50 times 32 images of the paper's replicas are one step, as in the code with 50 "
        "synchronous workers. The code leaves the number of workers and of steps to the user; "
        "the 100 epochs are the paper's.",
        "The clip at 2.0 is the paper's; the code has none. It is taken of the norm of all "
        "gradients together, which the paper does not say.",
        "The average of the weights forgets as slowly in the first steps as in the last, and "
        "leaves out the statistics of batch normalisation; in the code it does neither.",
        "The mean of squares starts at 0, not at TensorFlow's 1, which decides over the size of "
        "the first dozen of steps.",
        differences.SLIM_COLOURS,
        differences.SHUFFLED_IN_A_WINDOW,
        differences.SLIM_EVALUATION,
    ),
    learning_rate=0.045,
    batch_size=1600,
    epochs=100,
    schedule=Exponential(0.94, times=100 / 2),  # 6 % less every 2 epochs
    rule=RMSProp(rho=0.9, momentum=0.9, epsilon=1.0),
    weight_decay=4e-5,
    decay_spares=("bias", "gamma", "beta"),
    clip=2.0,
    average=Average(0.9999, steps=80_000),  # 100 epochs of 1,281,167 / 1600
    label_smoothing=0.1,
    augment=("random_resized_crop", "color_jitter", "flip"),
    crop_fraction=0.875,
    options={"aux_heads": True},
    dropout="0.2 before the classifier",
    expected_error="ImageNet top-1/top-5 %, one crop: 21.2/5.6 (the paper), 22.0/6.1 (TF-Slim)",
)

INCEPTION_V4 = dataclasses.replace(
    INCEPTION_V3,
    name="inception_v4",
    source="C. Szegedy, S. Ioffe, V. Vanhoucke, A. Alemi, Inception-v4, Inception-ResNet and the "
    "impact of residual connections on learning, 2016, arXiv 1602.07261, section 4",
    differences=(
        "Optimizer, rate and schedule are recalled from the paper to be those of Inception-v3, not "
        "re-checked. Everything else (images a step, epochs, weight decay, clip, smoothing, "
        "average) is Inception-v3's.",
        *INCEPTION_V3.differences[2:],
    ),
    expected_error="ImageNet top-1/top-5 %: v4 20.0/5.0, Inception-ResNet-v1 21.3/5.5, -v2 "
    "19.9/4.9, one crop; 144 crops v4 17.7/3.8, Inception-ResNet-v1 18.8/4.3 (the paper)",
)
