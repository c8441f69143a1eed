"""Inception modules as data, from the third version on: convolutions side by side, concatenated.

The tables of a net are nested lists, as the figures of the papers are drawn:

    step    `(filters, kernel_size)` or `(filters, kernel_size, strides, padding)`: a convolution
            with batch normalisation and ReLU; `AVERAGE` or `MAXIMUM`: a pooling
    fork    a list of steps on one input, concatenated; it stands where a step stands
    branch  a list of steps, one after the other
    module  a list of branches on one input, concatenated
    block   a module, or a `Residual` around one

A step is padded so that it keeps the size of the map, unless its table says `"valid"`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from keras import layers

from keras_classic_cnns.blocks.conv import Size, conv, conv_bn_act, relu
from keras_classic_cnns.core import validate
from keras_classic_cnns.core.options import choice
from keras_classic_cnns.layers import PaddedAveragePooling2D

AVERAGE = "average"  # 3x3 mean that keeps the size
MAXIMUM = "maximum"  # 3x3 maximum with stride 2, unpadded

Step = tuple | str | list
Branch = list[Step]
Module = list[Branch]

AUXILIARY = [(128, 1), (768, 5, 1, "valid")]  # behind a 5x5 mean with stride 3
AUXILIARY_MAP = 17  # height and width of the map that an auxiliary head needs


class _Conv(NamedTuple):
    """A convolution of a table."""

    filters: int
    kernel_size: Size
    strides: int = 1
    padding: str = "half"


@dataclass(frozen=True)
class Residual:
    """A unit that adds a scaled module to its input.

        y = relu(x + scale * (W module(x) + b))

    where `W` is a 1x1 convolution to the channels of `x`, without batch normalisation.

    Args:
        module: The branches.
        scale: What the residual is multiplied by before the sum.
        has_relu: Whether the unit ends with a ReLU.
    """

    module: Module
    scale: float
    has_relu: bool = True


Block = Module | Residual


@dataclass(frozen=True)
class Variant:
    """What differs between the published codes of one net.

    Args:
        scale: Whether batch normalisation has a gamma.
        momentum: What its moving averages keep of themselves in each step.
        count_include_pad: Whether a 3x3 mean counts the padding at the border, as zeros.
    """

    scale: bool
    momentum: float
    count_include_pad: bool = False

    @property
    def norm(self) -> dict[str, Any]:
        """The options of `blocks.conv.batch_norm`."""
        return {"epsilon": 1e-3, "scale": self.scale, "momentum": self.momentum}


# slim averages with 0.9997, which says something only after tens of thousands of steps; 0.99 is
# what keras.applications has for the same graphs
SLIM = Variant(scale=False, momentum=0.99)
TORCH = Variant(scale=True, momentum=0.9)


def variant_option(doc: str) -> Any:
    """A `Config` field: whose graph it is, `"slim"` or `"torch"`.

    Args:
        doc: What the two are in this family, as a phrase for the docstring.
    """
    return choice("slim", doc, "slim", "torch")


def stack(x: Any, stages: Mapping[str, Sequence[Block]], variant: Variant) -> Any:
    """Stages of blocks, the table of a whole net.

    Args:
        x: `(batch, height, width, channels)`.
        stages: The blocks of each stage, by what the names of its layers begin with.
        variant: See `Variant`.

    Returns:
        The output of the last block. Layers are named `<stage>_block<j>_...`.
    """
    for stage, blocks in stages.items():
        for number, block in enumerate(blocks, start=1):
            build = residual_module if isinstance(block, Residual) else module
            x = build(x, block, variant, name=f"{stage}_block{number}")
    return x


def residual_module(x: Any, unit: Residual, variant: Variant, *, name: str) -> Any:
    """Builds a `Residual`.

    Args:
        x: `(batch, height, width, channels)`.
        unit: Its table.
        variant: See `Variant`.
        name: What the layers' names begin with.

    Returns:
        A tensor of the shape of `x`.
    """
    y = module(x, unit.module, variant, name=name)
    y = conv(y, x.shape[-1], 1, use_bias=True, name=f"{name}_conv")
    if unit.scale != 1:
        y = layers.Rescaling(unit.scale, name=f"{name}_scale")(y)
    y = layers.Add(name=f"{name}_add")([x, y])
    return relu(y, name=f"{name}_out") if unit.has_relu else y


def module(x: Any, branches: Module, variant: Variant, *, name: str) -> Any:
    """Builds a module: its branches side by side, concatenated in their order.

    Args:
        x: `(batch, height, width, channels)`.
        branches: Its table.
        variant: See `Variant`.
        name: What the layers' names begin with; `<name>_branch<i>_...` where there are several.

    Returns:
        `(batch, new_height, new_width, sum of the branches' channels)`.
    """
    if len(branches) == 1:
        return branch(x, branches[0], variant, name=name)
    outputs = [
        branch(x, steps, variant, name=f"{name}_branch{number}")
        for number, steps in enumerate(branches, start=1)
    ]
    return layers.Concatenate(name=f"{name}_concat")(outputs)


def branch(x: Any, steps: Branch, variant: Variant, *, name: str) -> Any:
    """Builds a branch: its steps, one after the other.

    Args:
        x: `(batch, height, width, channels)`.
        steps: Its table.
        variant: See `Variant`.
        name: What the layers' names begin with; they end with the number of the step, and in a
            fork with a letter.
    """
    for number, step in enumerate(steps, start=1):
        if isinstance(step, list):
            sides = [
                _step(x, side, variant, name, f"{number}{letter}")
                for letter, side in zip("abcdefgh", step, strict=False)
            ]
            x = layers.Concatenate(name=f"{name}_concat{number}")(sides)
        else:
            x = _step(x, step, variant, name, str(number))
    return x


def auxiliary_features(x: Any, name: str, *, variant: Variant) -> Any:
    """What an auxiliary classifier sees of a 17x17 map.

        5x5 mean with stride 3, 1x1 convolution (128), unpadded 5x5 convolution (768), mean

    Args:
        x: `(batch, height, width, channels)`, at least 17x17.
        name: What the layers' names begin with.
        variant: See `Variant`.

    Returns:
        `(batch, 768)`.

    Raises:
        ValueError: The map is too small.
    """
    if any(size is not None and size < AUXILIARY_MAP for size in x.shape[1:3]):
        raise ValueError(
            f"`aux_heads` needs images that give its head a map of {AUXILIARY_MAP}x"
            f"{AUXILIARY_MAP} or more, such as 299x299. "
            f"{validate.received('map', tuple(x.shape[1:3]))}"
        )
    x = layers.AveragePooling2D(5, strides=3, name=f"{name}_pool")(x)
    x = branch(x, AUXILIARY, variant, name=name)
    return layers.GlobalAveragePooling2D(name=f"{name}_avg_pool")(x)


def _step(x: Any, step: tuple | str, variant: Variant, name: str, suffix: str) -> Any:
    if step == MAXIMUM:
        return layers.MaxPooling2D(3, strides=2, name=f"{name}_pool{suffix}")(x)
    if step == AVERAGE and variant.count_include_pad:
        return PaddedAveragePooling2D(3, 1, padding=1, name=f"{name}_pool{suffix}")(x)
    if step == AVERAGE:
        return layers.AveragePooling2D(3, 1, padding="same", name=f"{name}_pool{suffix}")(x)
    table = _Conv(*step)._asdict()
    return conv_bn_act(x, **table, prefix=name, suffix=suffix, **variant.norm)
