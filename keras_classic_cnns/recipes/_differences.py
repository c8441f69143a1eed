"""Sentences of `Recipe.differences` that several papers share: what our data does its own way."""

SHUFFLED_IN_A_WINDOW = (
    "Sets of more than 256 MB are shuffled within a window of 8,192, over files in one order for "
    "the whole run; the code shuffles all images anew in every epoch."
)
ONE_CROP = (
    "A run is validated on the centre crop; the ten crops of the errors below are those of "
    "`evaluate --views=ten_crop`."
)
SLIM_COLOURS = (
    "Brightness, contrast and saturation change by up to 40 %, as in fb.resnet.torch; the code "
    "changes brightness less, the others more, and the hue too (recalled, not re-checked)."
)
SLIM_EVALUATION = (
    "Evaluation takes the middle square; the code squeezes the middle 87.5 % of height and width "
    "into one."
)
IMAGENET_MEAN = (
    "Each channel is scaled by ImageNet's mean and deviation; the paper takes those of the "
    "training images. Where images are padded with zeros the margin is black; scaled before it is "
    "padded, as in fb.resnet.torch (recalled, not re-checked), it has the mean colour."
)
ONE_RATE_FOR_BIASES = (
    "Biases learn at the rate of the weights; in the files of the code at twice of it."
)
ALL_IMAGES = "All training images are trained on; the paper holds 5,000 back to choose a model by."
