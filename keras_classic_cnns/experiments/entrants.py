"""Who takes part in the history race: a network of every family, as data."""

from dataclasses import dataclass
from typing import Any

from keras_classic_cnns import recipes, registry
from keras_classic_cnns.core import validate

# Images a step. The recipes' learning rates are scaled to it.
BATCH_SIZE = 32
# How long a run is, by the time that an epoch of the digits takes: what is cheap gets more of them.
SECONDS = 30.0
FEWEST, MOST = 8, 30
# What all recipes that augment do here. A crop of ImageNet's, of 8 % of the area and more, may hold
# five of the 64 pixels of a digit.
AUGMENT = ("pad_crop", "flip")
# Training images of the digits, nine tenths of 1,437. A larger set is passed over less often.
IMAGES = 1293


@dataclass(frozen=True)
class Entrant:
    """A network in the race, and how far it is from its recipe.

    Args:
        model: Its name in the registry: the smallest of its family that trains in this time.
        seconds: About what an epoch of the digits takes on two cores, to decide how many there
            are.
        option: Options as of `train --option`.
        size: The least height and width it is given, where that is not the least it takes.
        learning_rate: The base rate, where it is not the recipe's, scaled.
        epochs: How often the digits are passed over, where `seconds` do not decide.
        why: The reasons for all of the former, sentences.

    Raises:
        ValueError: Something departs and nothing says why, or the other way round.

    Example:
        >>> Entrant("lenet5", seconds=0.1).settings(images=1293, side=8)["epochs"]
        30
    """

    model: str
    seconds: float
    option: tuple[str, ...] = ()
    size: int | None = None
    learning_rate: float | None = None
    epochs: int | None = None
    why: str = ""

    def __post_init__(self) -> None:
        departs = self.option or self.size or self.learning_rate or self.epochs
        if bool(departs) != bool(self.why):
            raise ValueError(
                "`why` must tell the reason for what departs from recipe and rule, and for that "
                f"only. {validate.received('why', self.why)}"
            )

    def settings(self, images: int, side: int) -> dict[str, Any]:
        """What `training.train` is given for a set.

        Args:
            images: How many there are to learn.
            side: The shorter side of the images, which is not shrunk; 1 where they differ.
        """
        spec = registry.get_spec(self.model)
        epochs = self.epochs or min(MOST, max(FEWEST, round(SECONDS / self.seconds)))
        return {
            "model": self.model,
            "option": self.option,
            "image_size": max(self.size or spec.minimum_size, side),
            "augment": AUGMENT if recipes.for_model(spec).augment else (),
            "learning_rate": self.learning_rate,
            "epochs": max(1, round(epochs * min(1.0, IMAGES / images))),
        }


_ONE_WORKER = (
    "The rate is the paper's for one of its workers, with 32 images; that of 1,600 images at once, "
    "scaled, would be 0.0009."
)
_NO_AUXILIARY = "Its auxiliary head needs larger images than 75 pixels."
_DEEPER_WIDTHS = "widths=(16, 32, 64, 128, 128)"
_UNSCALED = (
    "The rate is the paper's, not scaled from 256 images to 32: it is divided by ten after a "
    "quarter of the run, before a network without batch normalisation has begun to learn."
)

ENTRANTS = (
    Entrant("lenet5", 0.1),
    Entrant(
        "alexnetv2",
        10.8,
        learning_rate=0.01,
        epochs=14,
        why=f"{_UNSCALED} Its loss left that of a guess after 70 such steps. AlexNet was still "
        "there after 110, at 55 pixels: its initial weights, of deviation 0.01, are made for the "
        "9,216 inputs that its first dense layer has at 227.",
    ),
    Entrant(
        "zfnet",
        6.4,
        learning_rate=0.01,
        epochs=8,
        why=f"{_UNSCALED} It was still at chance after 160 such steps, and after 240 at 0.02 with "
        "111 pixels: its initial weights are those of AlexNet.",
    ),
    Entrant("nincifar", 0.8),
    Entrant(
        "vgg11",
        26.6,
        option=("batch_norm=True",),
        epochs=4,
        why="Without batch normalisation it was at chance after 20 steps at the paper's rate. An "
        "epoch takes half a minute.",
    ),
    Entrant(
        "googlenet",
        7.3,
        option=("variant=bn",),
        why="Without batch normalisation, at the 79 pixels that its heads need, it was at chance "
        "after 30 steps; with it, seven of ten answers were right after 40.",
    ),
    Entrant("bninception", 3.4),
    Entrant(
        "inceptionv3",
        17.8,
        option=("aux_heads=False",),
        learning_rate=0.045,
        why=f"{_NO_AUXILIARY} {_ONE_WORKER}",
    ),
    Entrant("resnet18", 3.7),
    Entrant("resnet20", 0.5),
    Entrant("densenet121", 7.0),
    Entrant("densenet40_12", 3.1),
    Entrant(
        "fractalnet20",
        4.0,
        option=(_DEEPER_WIDTHS, "drop_path=0.0", "dropout=0.0"),
        why="Its widths are those of `FractalNetDeep`; with its own an epoch takes 40 seconds. "
        "With drop-path and dropout it had 57 of 100 training images right after 15 epochs, and "
        "of others no more than by chance. Dropout stands before each normalisation, whose "
        "statistics are then of more variance than there is in evaluation, layer after layer: "
        "before the last one a seventieth was left. The paper has a row without both.",
    ),
    Entrant("inceptionresnetv1", 20.0, learning_rate=0.045, why=_ONE_WORKER),
    Entrant(
        "inceptionv4",
        40.0,
        option=("aux_heads=False",),
        learning_rate=0.045,
        epochs=12,
        why=f"{_NO_AUXILIARY} {_ONE_WORKER} It was at chance after 4 epochs as after 12, and "
        "after 3 at a tenth of the rate: its last maps are a single pixel.",
    ),
    Entrant("nasrlv1", 2.0),
    Entrant("preactresnet110", 3.0),
    Entrant("preactresnet18", 3.7),
    Entrant("resnext50", 5.0),
    Entrant(
        "squeezenet11",
        1.0,
        epochs=12,
        why="Its classifier ends in a ReLU, and a class whose output is zero for all images stays "
        "so: it is the seed that decides whether it learns. With the first it was at chance with "
        "rates of 0.00005 to 0.04, steps of 8 and 32 images, 29 to 64 pixels, with and without "
        "dropout and bypass.",
    ),
    Entrant("stochasticdepthresnet110", 3.0),
    Entrant("wrn16_4", 1.7),
    Entrant(
        "nasnetcifar",
        2.9,
        option=("cells=2", "filters=192"),
        size=10,
        why="Its auxiliary head needs 10 pixels. The paper's 6 cells a stage and 768 filters would "
        "take longer than all others together.",
    ),
    Entrant("sebninception", 5.0),
    Entrant("seresnet18", 4.0),
)
