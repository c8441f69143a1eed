"""Sentences of `Recipe.differences` that several papers share: what our data does its own way."""

SHUFFLED_IN_A_WINDOW = (
    "Images are shuffled within a window of 8,192, over files in one order for the whole run; the "
    "code shuffles all of them anew in every epoch."
)
LARGEST_SQUARE = (
    "Evaluation takes the largest centred square; the errors below are of the middle 224 pixels "
    "of a shorter side of 256."
)
OTHER_EVALUATION = (
    "Evaluation takes the largest centred square of one image; the errors below were measured in "
    "other ways, which stand beside them."
)
CROP_OF_ANY_AREA = (
    "Crops are of 8 to 100 % of the area, as GoogLeNet's and those of later papers; this one cuts "
    "its size out of an image scaled to a fixed shorter side."
)
COLOURS_STAY = (
    "Colours are not changed; the code jitters brightness, contrast, saturation and lighting."
)
IMAGENET_MEAN = (
    "Each channel is scaled by ImageNet's mean and deviation; the paper takes those of the "
    "training images."
)
ONE_RATE_FOR_BIASES = (
    "Biases learn at the rate of the weights; in the files of the code at twice of it."
)
ALL_IMAGES = "All training images are trained on; the paper holds 5,000 back to choose a model by."
