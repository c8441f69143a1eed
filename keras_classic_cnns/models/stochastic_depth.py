"""Stochastic depth: Huang, Sun, Liu, Sedra, Weinberger, 2016, arXiv 1603.09382.

ResNets whose residual branches are dropped at random in training, more often the deeper they are:
unit l of L survives with probability p_l = 1 - l/L * (1 - p_L). On average three quarters of the
units are there, so that gradients have a shorter way. At inference all are, each branch weakened
to its expected value p_l * f(x).

Differences from the paper:
    - A dropped branch is computed and multiplied by zero, since a graph is fixed: training takes
      the same time with it as without. What it computes is the same: neither gradients nor moving
      averages see a dropped branch.
    - Convolutions of the CIFAR nets have no biases, as in He et al. (2015), whose nets these are;
      `use_bias=True` adds them, as the authors' code does.
    - Each channel is scaled by ImageNet's mean and deviation.
    - Bottlenecks of the ImageNet net stride on the 3x3 convolution, as in fb.resnet.torch, which
      the authors' code comes from.
    - The errors of 110 layers are the paper's, 5.25 and 24.98 %. DenseNet's table quotes 5.23 and
      24.58, and 10.2 million parameters for the net of 1,202 layers, which has 19.4 million.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.residual import (
    basic_block,
    bottleneck_block,
    cifar_stem,
    imagenet_stem,
    shortcut_option,
    stack,
)
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import choice, option, switch
from keras_classic_cnns.layers import StochasticDepth, SurvivalGate
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = [
    "StochasticDepthResNet110",
    "StochasticDepthResNet1202",
    "StochasticDepthResNet152",
    "decode_predictions",
    "preprocess_input",
]


def _probability(name: str, value: Any) -> float:
    return validate.number(name, value, minimum=0, maximum=1)


@dataclass(frozen=True)
class Config:
    """One ResNet and how its units survive."""

    depths: tuple[int, ...]  # units in each stage
    survival: float = option(
        0.5,
        "Probability that the last unit survives in training (p_L), in [0, 1]; 1 is plain ResNet.",
        check=_probability,
    )
    decay: str = choice(
        "linear",
        "`'linear'`: survival falls from 1 before the first unit to `survival` at the last; "
        "`'constant'`: it is `survival` for all.",
        "linear",
        "constant",
    )
    per: str = choice(
        "batch",
        "Whether a unit is dropped for a whole `'batch'` (paper) or for each `'sample'` by itself.",
        "batch",
        "sample",
    )


@dataclass(frozen=True)
class CifarConfig(Config):
    """The nets of section 4.1, with the shortcuts of the paper."""

    shortcut: str = choice(
        "mean",
        "Shortcut where the shape changes: `'mean'` (paper) averages 2x2 positions and appends "
        "zero channels, `'A'` subsamples instead, `'B'` projects by a 1x1 convolution; `'C'` "
        "projects everywhere.",
        "mean",
        "A",
        "B",
        "C",
    )
    use_bias: bool = switch(
        False, "Whether convolutions have biases, which the normalisation cancels (authors' code)."
    )


@dataclass(frozen=True)
class ImageNetConfig(Config):
    """The net of section 4.2."""

    shortcut: str = shortcut_option("B")


def survival_probabilities(units: int, last: float, decay: str) -> list[float]:
    """Survival probability of every unit, the first one first.

    Args:
        units: How many there are (L), those that halve the map among them.
        last: Probability of the last one (p_L), in [0, 1].
        decay: `"linear"` or `"constant"`.
    """
    if decay == "constant":
        return [last] * units
    return [1 - unit / units * (1 - last) for unit in range(1, units + 1)]


def _droppable(unit: Callable[..., Any], config: Config) -> Callable[..., Any]:
    """The unit, with its branch gated: relu(shortcut(x) + b * f(x))."""
    survivals = iter(survival_probabilities(sum(config.depths), config.survival, config.decay))

    def build(x: Any, filters: int, *, name: str, **options: Any) -> Any:
        survival = next(survivals)
        gate = SurvivalGate(survival, config.per, name=f"{name}_gate")(x)

        def drop(y: Any, *, name: str) -> Any:
            return StochasticDepth(survival, config.per, name=f"{name}_drop")(y, gate=gate)

        return unit(x, filters, on_branch=drop, gate=gate, name=name, **options)

    return build


def cifar_body(x: Any, config: CifarConfig) -> Any:
    """The stem and three stages of basic units."""
    x = cifar_stem(x, 16, use_bias=config.use_bias)
    options = {"shortcut": config.shortcut, "use_bias": config.use_bias}
    return stack(x, config.depths, (16, 32, 64), _droppable(basic_block, config), **options)


def imagenet_body(x: Any, config: ImageNetConfig) -> Any:
    """The stem and four stages of bottlenecks."""
    unit = _droppable(bottleneck_block, config)
    widths = (64, 128, 256, 512)
    return stack(imagenet_stem(x), config.depths, widths, unit, shortcut=config.shortcut)


PAPER = Paper(
    "Deep Networks with Stochastic Depth",
    "Huang, Sun, Liu, Sedra, Weinberger",
    2016,
    "https://arxiv.org/abs/1603.09382",
)
CIFAR = Family(
    name="stochastic_depth",
    paper=PAPER,
    body=cifar_body,
    input_size=32,
    minimum_size=8,
    classes=10,
)
IMAGENET = Family(name="stochastic_depth", paper=PAPER, body=imagenet_body)
preprocess_input = preprocess_input_for("torch")

StochasticDepthResNet110 = CIFAR.constructor(
    "StochasticDepthResNet110",
    CifarConfig((18, 18, 18)),
    "ResNet110, for CIFAR, with stochastic depth.",
)
StochasticDepthResNet1202 = CIFAR.constructor(
    "StochasticDepthResNet1202",
    CifarConfig((200, 200, 200)),
    "ResNet1202, for CIFAR, with stochastic depth.",
)
StochasticDepthResNet152 = IMAGENET.constructor(
    "StochasticDepthResNet152",
    ImageNetConfig((3, 8, 36, 3)),
    "ResNet152 with stochastic depth.",
)
