"""Floor 6: how the papers train, as records; `for_model` finds the one of an architecture."""

from keras_classic_cnns.core.mixing import Mixing
from keras_classic_cnns.recipes.curves import Cosine, Exponential, Polynomial, WarmUp, linear
from keras_classic_cnns.recipes.execution import Execution
from keras_classic_cnns.recipes.loss_scaling import SharedLossScaleOptimizer
from keras_classic_cnns.recipes.losses import LabelAccuracy, LabelCrossentropy, LabelTopK
from keras_classic_cnns.recipes.papers import for_model, get, names
from keras_classic_cnns.recipes.recipe import Recipe
from keras_classic_cnns.recipes.rmsprop import RMSPropWithL2
from keras_classic_cnns.recipes.rules import Average, Momentum, RMSProp
from keras_classic_cnns.recipes.schedules import Schedule, Steps, divide_by_ten
from keras_classic_cnns.recipes.sgd import SGDWithL2

__all__ = [
    "Average",
    "Cosine",
    "Execution",
    "Exponential",
    "LabelAccuracy",
    "LabelCrossentropy",
    "LabelTopK",
    "Mixing",
    "Momentum",
    "Polynomial",
    "RMSProp",
    "RMSPropWithL2",
    "Recipe",
    "SGDWithL2",
    "Schedule",
    "SharedLossScaleOptimizer",
    "Steps",
    "WarmUp",
    "divide_by_ten",
    "for_model",
    "get",
    "linear",
    "names",
]
