"""The first searched network: Zoph, Le, 2016, arXiv 1611.01578.

A recurrent controller writes a network down layer by layer, as a sequence of numbers, and learns
from the accuracy that the network reaches. This is the one of the paper's figure 7: fifteen
convolutions at the full size of a CIFAR image, most of them with kernels that are not square, each
fed with the outputs of several earlier ones. Its later versions 2 and 3 were never published as
lists of layers.

Differences from the paper:
    - The figure shows no batch normalisation; the text says that all convolutions have it, and a
      ReLU. Order here: convolution, normalisation, ReLU.
    - Each channel is scaled by ImageNet's mean and deviation; the paper whitens the images.
"""

from dataclasses import dataclass
from typing import Any

from keras import layers

from keras_classic_cnns.application import Family
from keras_classic_cnns.blocks.conv import conv_bn_act
from keras_classic_cnns.preprocessing import decode_predictions, preprocess_input_for
from keras_classic_cnns.registry import Paper

__all__ = ["NASRLv1", "decode_predictions", "preprocess_input"]

# Figure 7: height x width of the kernel, filters; the layers whose outputs are the input (the
# anchors that the controller sampled), 0 for the image. 4,199,868 weights: the paper's 4.2 M.
VERSION_1 = """
    3x3 36: 0
    3x3 48: 1
    3x3 36: 1 2
    5x5 36: 1 2 3
    3x7 48: 3 4
    7x7 48: 2 3 4 5
    7x7 48: 2 3 4 5 6
    7x3 36: 1 6 7
    7x1 36: 1 5 6 8
    7x7 36: 1 3 4 5 6 7 8 9
    5x7 36: 1 2 5 6 7 8 9 10
    7x7 48: 1 2 3 4 6 11
    7x5 48: 1 3 6 7 8 9 10 11 12
    7x5 48: 3 7 12 13
    7x5 48: 6 7 11 12 13 14
"""


@dataclass(frozen=True)
class Layer:
    """One line of an encoded network."""

    kernel_size: tuple[int, int]  # height, width
    filters: int
    inputs: tuple[int, ...]  # numbers of earlier layers, 0 for the image


@dataclass(frozen=True)
class Config:
    """A network as the controller writes it."""

    layers: tuple[Layer, ...]


def parse(encoding: str) -> tuple[Layer, ...]:
    """Reads an encoded network.

    Args:
        encoding: A line a layer, `height x width filters: inputs`, as in `VERSION_1`.

    Returns:
        Its layers, in order.

    Example:
        >>> parse("3x5 24: 0")
        (Layer(kernel_size=(3, 5), filters=24, inputs=(0,)),)
    """
    found = []
    for line in encoding.strip().splitlines():
        head, inputs = line.split(":")
        kernel_size, filters = head.split()
        height, width = map(int, kernel_size.split("x"))
        found.append(Layer((height, width), int(filters), tuple(map(int, inputs.split()))))
    return tuple(found)


def body(x: Any, config: Config) -> Any:
    """Every layer sees its inputs side by side; so does the classifier what no layer sees."""
    outputs = [x]
    for number, layer in enumerate(config.layers, start=1):
        y = _side_by_side([outputs[i] for i in layer.inputs], name=f"stage1_concat{number}")
        outputs.append(
            conv_bn_act(y, layer.filters, layer.kernel_size, prefix="stage1", suffix=str(number))
        )
    seen = {i for layer in config.layers for i in layer.inputs}
    loose = [output for i, output in enumerate(outputs) if i and i not in seen]
    return _side_by_side(loose, name="stage1_concat")


def _side_by_side(tensors: list[Any], name: str) -> Any:
    return tensors[0] if len(tensors) == 1 else layers.Concatenate(name=name)(tensors)


FAMILY = Family(
    name="nas_rl",
    paper=Paper(
        "Neural Architecture Search with Reinforcement Learning",
        "Zoph, Le",
        2016,
        "https://arxiv.org/abs/1611.01578",
    ),
    body=body,
    preprocessing="torch",
    input_size=32,
    minimum_size=8,
    classes=10,
)
preprocess_input = preprocess_input_for("torch")

NASRLv1 = FAMILY.constructor(
    "NASRLv1", Config(parse(VERSION_1)), "15 layers without stride and pooling, for CIFAR."
)
