"""Who takes part in the history race: a network of every family, as data."""

from dataclasses import dataclass
from typing import Any

from keras_classic_cnns import registry
from keras_classic_cnns.core import validate

# Images a step. The recipes' learning rates are scaled to it.
BATCH_SIZE = 32
# How long a run is, by the time that an epoch of the digits takes: what is cheap gets more of them.
SECONDS = 25.0
FEWEST, MOST = 4, 20
# Training images of the digits, nine tenths of 1,437. A larger set is passed over less often.
IMAGES = 1293


@dataclass(frozen=True)
class Entrant:
    """A network in the race, and how far it is from its recipe.

    Args:
        model: Its name in the registry: the smallest of its family that trains in this time.
        seconds: What an epoch of the digits takes on two cores, to decide how many there are;
            processor seconds of `benchmarks/README.md`'s machine, by two.
        option: Options as of `train --option`.
        size: The least height and width it is given, where that is not the least it takes.
        learning_rate: The base rate, where it is not the recipe's, scaled.
        epochs: How often the digits are passed over, where `seconds` do not decide.
        why: The reasons for all of the former, sentences.

    Raises:
        ValueError: Something departs and nothing says why, or the other way round.

    Example:
        >>> Entrant("lenet5", seconds=0.1).settings(images=1293, side=8)["epochs"]
        20
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
            "learning_rate": self.learning_rate,
            "epochs": max(1, round(epochs * min(1.0, IMAGES / images))),
        }


ENTRANTS = (
    Entrant("lenet5", 0.1),
    Entrant("alexnet", 4.8),
    Entrant("zfnet", 6.4),
    Entrant("nincifar", 0.8),
    Entrant("vgg11", 26.6),
    Entrant("googlenet", 8.0, size=79, why="Its auxiliary heads need 79 pixels."),
    Entrant("bninception", 2.0),
    Entrant(
        "inceptionv3",
        15.0,
        option=("aux_heads=False",),
        why="The auxiliary head needs larger images.",
    ),
    Entrant("resnet18", 3.0),
    Entrant("resnet20", 0.5),
    Entrant(
        "inceptionv4",
        20.0,
        option=("aux_heads=False",),
        why="The auxiliary head needs larger images.",
    ),
    Entrant("inceptionresnetv1", 15.0),
    Entrant("preactresnet18", 3.0),
    Entrant("preactresnet110", 4.0),
    Entrant("wrn16_4", 1.0),
    Entrant("resnext50", 4.0),
    Entrant("stochasticdepthresnet110", 4.0),
    Entrant("fractalnet20", 20.0),
    Entrant("densenet121", 8.0),
    Entrant("densenet40_12", 3.1),
    Entrant("squeezenet11", 1.0),
    Entrant("nasrlv1", 5.0),
    Entrant("seresnet18", 3.0),
    Entrant("sebninception", 3.0),
    Entrant(
        "nasnetcifar",
        5.0,
        option=("cells=2", "filters=192", "aux_heads=False"),
        why="6 cells a stage of 768 filters take minutes an epoch.",
    ),
)
