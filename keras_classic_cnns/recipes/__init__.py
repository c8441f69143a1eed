"""Floor 6: how the papers train, as records; `for_model` finds the one of an architecture."""

from keras_classic_cnns.recipes.losses import SmoothedSparseCrossentropy, classification_loss
from keras_classic_cnns.recipes.papers import for_model, get, names
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.schedules import Steps
from keras_classic_cnns.recipes.sgd import SGDWithL2

__all__ = [
    "Recipe",
    "SGDWithL2",
    "SmoothedSparseCrossentropy",
    "Steps",
    "classification_loss",
    "for_model",
    "get",
    "names",
]
