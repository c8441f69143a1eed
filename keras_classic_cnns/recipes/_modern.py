"""A recipe that is younger than the networks: what they reach with what was learned since."""

from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.recipes import _differences as differences
from keras_classic_cnns.recipes.curves import Cosine, WarmUp
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.rules import Average

MODERN = Recipe(
    "modern",
    source="V. Vryniotis, How to train state-of-the-art models using TorchVision's latest "
    "primitives, 2021, pytorch.org; as in torchvision's references/classification",
    differences=(
        "The figures were read in torchvision's commands for ShuffleNet and EfficientNet-V2; that "
        "its ResNets have the same is recalled, not re-checked.",
        "TrivialAugment, random erasing and repeated augmentation are left out, and with them "
        "some of what 600 epochs are good for.",
        "Training is at the size that evaluation has; the source trains at 176 pixels.",
        "The average of the weights moves on at every step; the source's at every 32nd, by 32 "
        "times as much.",
        "The rate moves with every step; the source's with every epoch (recalled, not re-checked).",
        differences.SHUFFLED_IN_A_WINDOW,
    ),
    learning_rate=0.5,
    batch_size=1024,
    epochs=600,
    schedule=WarmUp(5 / 600, Cosine(), start=0.01),
    weight_decay=2e-5,
    decay_spares=("gamma", "beta"),
    # 0.99998, of which the code makes 1 - 2e-5 * 1024 * 32 / 600 for every 32 steps
    average=Average(1 - 2e-5 * 1024 / 600, steps=750_600),
    label_smoothing=0.1,
    augment=("random_resized_crop", "flip"),
    mixing=Mixing(mixup_alpha=0.2, cutmix_alpha=1.0),
    crop_fraction=224 / 232,
    initializer="as of the network",
    dropout="as of the network",
    expected_error="ImageNet top-1/top-5 %: ResNet-50 19.14/4.57, -101 18.11/4.22, -152 "
    "17.72/4.00, ResNeXt-50 18.80/4.66, WRN-50-2 18.40/4.24 (torchvision's second weights, with "
    "all that is left out here)",
)
