"""What a model costs: parameters, multiply-accumulates, activations and receptive field."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from keras_classic_cnns.core import graph

Pair = tuple[int, int]

_POOLING = (
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.MaxPooling3D,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.AveragePooling3D,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.GlobalMaxPooling3D,
)
_CONVOLUTIONS = (
    layers.Conv1D,
    layers.Conv2D,
    layers.Conv3D,
    layers.DepthwiseConv1D,
    layers.DepthwiseConv2D,
)
_SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
_TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)


@dataclass(frozen=True)
class Row:
    """The cost of one call of a layer, for one image.

    Args:
        name: The layer; layers of a nested model are written `outer/inner`.
        kind: Its class.
        output_shape: Without the batch.
        parameters: Weights of all kinds; 0 where the layer was called before (shared).
        macs: Multiply-accumulates of convolution and dense layers, else 0.
        activations: Values of the output, of input, convolution, dense and pooling layers, else 0.
        receptive_field: Height and width, in pixels of the input, that one output value sees;
            `None` where it sees everything (after global pooling or flattening).
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int
    activations: int
    receptive_field: Pair | None


@dataclass(frozen=True)
class Totals:
    """The cost of a whole model, for one image.

    Args:
        parameters: All weights, moving averages included.
        trainable: The trainable ones.
        macs: Multiply-accumulates of convolution and dense layers.
        activations: Values of the outputs of input, convolution, dense and pooling layers.
    """

    parameters: int
    trainable: int
    macs: int
    activations: int


@dataclass(frozen=True)
class Cost:
    """What `cost` found; `str()` of it is a table.

    Args:
        rows: One for each call of a layer, in order.
        totals: Their sums.
    """

    rows: tuple[Row, ...]
    totals: Totals

    def __str__(self) -> str:
        head = ("layer", "kind", "output", "parameters", "MACs", "activations", "sees")
        lines = [head, *(_cells(row) for row in self.rows)]
        totals = self.totals
        counts = (totals.parameters, totals.macs, totals.activations)
        lines.append(("total", "", "", *(f"{count:,}" for count in counts), ""))
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        texts = [
            "  ".join(
                cell.rjust(width) if i > 2 else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        rule = "-" * max(map(len, texts))
        return "\n".join([texts[0], rule, *texts[1:-1], rule, texts[-1]])


def cost(model: keras.Model) -> Cost:
    """Counts what a model costs for one image.

    Multiply-accumulates are those of Keras's convolution layers and of `Dense`, without biases,
    batch normalisation, activations and pooling, as torchvision and most papers count them. A
    layer of another kind is counted if it has a method `count_macs(output_shape)`; wrappers such
    as `TimeDistributed` are not opened.

    Args:
        model: A built functional or sequential model of any origin, with fixed sizes.

    Returns:
        A `Cost` with `rows` and `totals`.

    Raises:
        TypeError: The model is not functional or sequential, so that its graph is not known.
        ValueError: A size is `None`, so that the cost depends on the image.

    Example:
        >>> from keras_classic_cnns import LeNet5
        >>> cost(LeNet5()).totals.macs
        416520
    """
    seen: set[int] = set()
    rows = tuple(_row(*call, seen) for call in _calls(_functional(model), "", {}))
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_variables)
    totals = Totals(
        parameters=model.count_params(),
        trainable=trainable,
        macs=sum(row.macs for row in rows),
        activations=sum(row.activations for row in rows),
    )
    return Cost(rows, totals)


@dataclass(frozen=True)
class _Field:
    """Receptive field and distance between neighbours, in pixels of the input."""

    size: Pair | None = (1, 1)
    step: Pair = (1, 1)


def _functional(model: Any) -> Any:
    functional = graph.functional(model)
    if functional is None:
        raise TypeError(
            "`model` must be a built functional or sequential model. "
            f"Received: model={type(model).__name__}"
        )
    return functional


def _calls(model: Any, prefix: str, fields: dict[int, _Field]) -> Iterator[tuple]:
    """Each call in the graph, inputs first: name, layer, inputs' and output's shape, field.

    `fields` holds the receptive field of every tensor so far, by identity.
    """
    for node in graph.nodes(model):
        layer, inputs, outputs = node.operation, node.arguments.keras_tensors, node.outputs
        if prefix and isinstance(layer, layers.InputLayer):
            continue  # of a nested model: what it passes on is known from outside
        before = [fields.get(id(tensor), _Field()) for tensor in inputs]
        if isinstance(layer, keras.Model):
            inner = _functional(layer)
            known = dict(zip(map(id, inner.inputs), before, strict=True))
            yield from _calls(inner, f"{prefix}{layer.name}/", known)
            after = [known.get(id(tensor), _Field()) for tensor in inner.outputs]
        else:
            after = [_field(layer, before, inputs)] * len(outputs)
            yield f"{prefix}{layer.name}", layer, inputs, outputs[0], after[0]
        fields.update(zip(map(id, outputs), after, strict=True))


def _row(name: str, layer: Any, inputs: list, output: Any, field: _Field, seen: set[int]) -> Row:
    shape = tuple(output.shape[1:])
    if None in shape:
        raise ValueError(
            "`model` must have fixed sizes; build it with an `input_shape`. "
            f"Received: the output of {name!r} is {(None, *shape)}"
        )
    shared = id(layer) in seen
    seen.add(id(layer))
    macs = _macs(layer, inputs, output)
    counts = (
        macs or isinstance(layer, (layers.InputLayer, *_POOLING)) or hasattr(layer, "pool_size")
    )
    return Row(
        name=name,
        kind=type(layer).__name__,
        output_shape=shape,
        parameters=0 if shared else getattr(layer, "count_params", int)(),
        macs=macs,
        activations=math.prod(shape) if counts else 0,
        receptive_field=field.size,
    )


def _macs(layer: Any, inputs: list, output: Any) -> int:
    if hasattr(layer, "count_macs"):
        return layer.count_macs(tuple(output.shape))
    if isinstance(layer, layers.Dense):
        return math.prod(layer.kernel.shape) * math.prod(output.shape[1:-1])
    if isinstance(layer, _TRANSPOSED):
        return math.prod(layer.kernel.shape) * math.prod(_positions(layer, inputs[0]))
    if isinstance(layer, _SEPARABLE):
        kernels = math.prod(layer.depthwise_kernel.shape) + math.prod(layer.pointwise_kernel.shape)
        return kernels * math.prod(_positions(layer, output))
    if isinstance(layer, _CONVOLUTIONS):
        return math.prod(layer.kernel.shape) * math.prod(_positions(layer, output))
    return 0


def _positions(layer: Any, tensor: Any) -> tuple[int, ...]:
    shape = tuple(tensor.shape)
    return shape[2:] if layer.data_format == "channels_first" else shape[1:-1]


def _field(layer: Any, before: list[_Field], inputs: list) -> _Field:
    if not before:
        return _Field()
    size = None
    if all(field.size is not None for field in before):
        size = tuple(max(field.size[axis] for field in before) for axis in (0, 1))
    step = tuple(max(field.step[axis] for field in before) for axis in (0, 1))
    everything = isinstance(layer, layers.Flatten) or "Global" in type(layer).__name__
    if size is None or everything:
        return _Field(None, step)
    kernel = _pair(getattr(layer, "kernel_size", getattr(layer, "pool_size", 1)))
    strides = _pair(getattr(layer, "strides", 1))
    dilation = _pair(getattr(layer, "dilation_rate", 1))
    if isinstance(layer, _TRANSPOSED):
        strides = (1, 1)  # a finer grid sees no more than the coarse one did
    size = tuple(size[a] + (kernel[a] - 1) * dilation[a] * step[a] for a in (0, 1))
    return _Field(size, tuple(step[a] * strides[a] for a in (0, 1)))


def _pair(value: Any) -> Pair:
    if isinstance(value, int):
        return value, value
    return (value[0], value[1]) if len(value) > 1 else (value[0], 1)


def _cells(row: Row) -> tuple[str, ...]:
    sees = "all" if row.receptive_field is None else "x".join(map(str, row.receptive_field))
    shape = "x".join(map(str, row.output_shape))
    numbers = (f"{count:,}" if count else "" for count in (row.parameters, row.macs))
    activations = f"{row.activations:,}" if row.activations else ""
    return (row.name, row.kind, shape, *numbers, activations, sees)
