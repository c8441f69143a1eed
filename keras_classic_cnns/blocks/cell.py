"""Cells as values: which operations a cell applies to what, and the graph that follows from it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from keras import layers

from keras_classic_cnns.blocks.conv import batch_norm, conv, relu
from keras_classic_cnns.blocks.separable import separable_twice
from keras_classic_cnns.core import validate

# What an edge may do: its kind and the size of its window
OPERATIONS = {
    "identity": ("identity", 1),
    **{f"sep_conv_{k}x{k}": ("sep_conv", k) for k in (3, 5, 7)},
    "avg_pool_3x3": ("avg_pool", 3),
    **{f"max_pool_{k}x{k}": ("max_pool", k) for k in (3, 5, 7)},
}
_POOLS = {"avg_pool": layers.AveragePooling2D, "max_pool": layers.MaxPooling2D}


@dataclass(frozen=True)
class Cell:
    """One cell: what is added up, and which of the states make its output.

    State 0 is the output of the cell before (h0), state 1 that of the cell before it (h1), both
    brought to the cell's filters. Every two edges are added up and make the next state, 2, 3, ...
    (DARTS numbers the first two states the other way round.)

    Args:
        edges: Pairs of an operation, a key of `OPERATIONS`, and the state it is applied to.
        concat: The states whose channels together are the output.

    Raises:
        ValueError: The number of edges is odd, an operation is unknown, or a state does not exist
            where it is needed.

    Example:
        >>> Cell((("sep_conv_3x3", 0), ("identity", 1)), concat=(2,)).states
        3
    """

    edges: tuple[tuple[str, int], ...]
    concat: tuple[int, ...]

    def __post_init__(self):
        if not self.edges or len(self.edges) % 2:
            raise ValueError(
                "`edges` must be an even number of (operation, state), at least two. "
                f"{validate.received('edges', self.edges)}"
            )
        for number, (operation, state) in enumerate(self.edges):
            validate.one_of("operation", operation, OPERATIONS)
            validate.integer("state", state, minimum=0, maximum=1 + number // 2)
        if not self.concat:
            raise ValueError(
                f"`concat` must name at least one state. {validate.received('concat', self.concat)}"
            )
        for state in self.concat:
            validate.integer("concat", state, minimum=0, maximum=self.states - 1)

    @property
    def states(self) -> int:
        """Number of states, the two inputs included."""
        return 2 + len(self.edges) // 2


@dataclass(frozen=True)
class Genotype:
    """The two cells that a network of cells is stacked of.

    Args:
        normal: The cell that keeps the size of the map.
        reduction: The cell that halves it.
    """

    normal: Cell
    reduction: Cell


# Figure 4 of the NASNet paper. Of the normal cell's states only h0 is left out of the output: h1
# is in it. Tables that are called NASNet elsewhere (DARTS's) leave out h1 as well, and describe
# another network.
NASNET_A = Genotype(
    normal=Cell(
        edges=(
            ("sep_conv_5x5", 0),
            ("sep_conv_3x3", 1),
            ("sep_conv_5x5", 1),
            ("sep_conv_3x3", 1),
            ("avg_pool_3x3", 0),
            ("identity", 1),
            ("avg_pool_3x3", 1),
            ("avg_pool_3x3", 1),
            ("sep_conv_3x3", 0),
            ("identity", 0),
        ),
        concat=(1, 2, 3, 4, 5, 6),
    ),
    reduction=Cell(
        edges=(
            ("sep_conv_5x5", 0),
            ("sep_conv_7x7", 1),
            ("max_pool_3x3", 0),
            ("sep_conv_7x7", 1),
            ("avg_pool_3x3", 0),
            ("sep_conv_5x5", 1),
            ("avg_pool_3x3", 2),
            ("identity", 3),
            ("sep_conv_3x3", 2),
            ("max_pool_3x3", 0),
        ),
        concat=(3, 4, 5, 6),
    ),
)


def build_cell(
    x: Any,
    previous: Any,
    cell: Cell,
    filters: int,
    *,
    strides: int = 1,
    previous_strides: int = 1,
    zero_padded: Collection[str] = (),
    on_edge: Callable[..., Any] | None = None,
    name: str,
    **norm: float,
) -> Any:
    """Builds a cell: the sums of its edges, those that count put side by side.

    Only edges from the two inputs stride. Inputs get the cell's filters by a ReLU, a 1x1
    convolution and batch normalisation; `previous` only where its shape differs, and by a
    factorized reduction where its map is twice as large.

    Args:
        x: Output of the cell before, `(batch, height, width, channels)`.
        previous: Output of the cell before that; `None` takes `x` as it is, with its channels.
        cell: What to build.
        filters: Channels of every state.
        strides: 1, or 2 to halve the map.
        previous_strides: 2 where the map of `previous` is twice as large as that of `x`.
        zero_padded: Which pools, `"avg_pool"` or `"max_pool"`, see zeros outside of the map where
            they stride: a mean is then taken over all places of the window, a maximum near the
            border is never below zero. By default nothing outside counts.
        on_edge: `on_edge(y, name=name)`, what is done to the result of every operation but the
            identity, such as drop-path.
        name: What the layers' names begin with; the last one is `<name>_concat`.
        **norm: Of `batch_norm`: `epsilon`, `momentum`.

    Returns:
        `(batch, ceil(height / strides), ceil(width / strides), len(cell.concat) * filters)`.
    """
    h0 = _projection(relu(x, name=f"{name}_h0_relu"), filters, name=f"{name}_h0", **norm)
    h1 = x if previous is None else _adjusted(previous, filters, previous_strides, name, norm)
    edges = _Edges([h0, h1], filters, strides, zero_padded, name, norm, {})
    for number in range(2, cell.states):
        terms = []
        for side, (operation, state) in zip(
            ("left", "right"), cell.edges[2 * number - 4 : 2 * number - 2], strict=True
        ):
            prefix = f"{name}_state{number}_{side}"
            y = edges.apply(operation, state, prefix)
            is_dropped = on_edge is not None and operation != "identity"
            terms.append(on_edge(y, name=prefix) if is_dropped else y)
        edges.states.append(layers.Add(name=f"{name}_state{number}_add")(terms))
    return layers.Concatenate(name=f"{name}_concat")([edges.output(i) for i in cell.concat])


def factorized_reduction(x: Any, filters: int, *, name: str, **norm: float) -> Any:
    """Halves a map without losing every second place: bn([conv1x1(x), conv1x1(x one further)]).

    Both 1x1 convolutions take every second place in each direction, the second one those that the
    first one leaves out; behind the map there are zeros.

    Args:
        x: `(batch, height, width, channels)`.
        filters: Channels of the output, an even number.
        name: What the layers' names begin with.
        **norm: Of `batch_norm`.

    Returns:
        `(batch, ceil(height / 2), ceil(width / 2), filters)`.
    """
    shifted = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{name}_pad")(x)
    shifted = layers.Cropping2D(((1, 0), (1, 0)), name=f"{name}_crop")(shifted)
    paths = [
        conv(path, filters // 2, 1, strides=2, name=f"{name}_conv{number}")
        for number, path in enumerate((x, shifted), start=1)
    ]
    x = layers.Concatenate(name=f"{name}_concat")(paths)
    return batch_norm(x, name=f"{name}_bn", **norm)


@dataclass
class _Edges:
    """The edges of a cell while it is built, and what they share."""

    states: list[Any]
    filters: int
    strides: int
    zero_padded: Collection[str]
    name: str
    norm: dict[str, float]
    shared: dict[str, Any]  # layers without weights that several edges need, by name

    def apply(self, operation: str, state: int, name: str) -> Any:
        kind, size = OPERATIONS[operation]
        x = self.states[state]
        strides = self.strides if state < 2 else 1
        is_fit = x.shape[-1] == self.filters
        if kind == "sep_conv":
            x = self._rectified(state)
            return separable_twice(x, self.filters, size, strides=strides, prefix=name, **self.norm)
        if kind == "identity":
            if is_fit and strides == 1:
                return x
            x = self._rectified(state)
            return _projection(x, self.filters, strides=strides, name=name, **self.norm)
        x = self._pooled(kind, size, strides, state)
        return x if is_fit else _projection(x, self.filters, name=name, **self.norm)

    def output(self, state: int) -> Any:
        """A state as the others are: an input may have another size or other channels."""
        x, name = self.states[state], f"{self.name}_out{state}"
        if state < 2 and self.strides == 2:
            return factorized_reduction(x, self.filters, name=name, **self.norm)
        is_fit = x.shape[-1] == self.filters
        return x if is_fit else _projection(x, self.filters, name=name, **self.norm)

    def _rectified(self, state: int) -> Any:
        name = f"{self.name}_state{state}_relu"
        return self._once(name, lambda: relu(self.states[state], name=name))

    def _pooled(self, kind: str, size: int, strides: int, state: int) -> Any:
        name = f"{self.name}_state{state}_{kind}{size}"
        x = self.states[state]

        def pool(x):
            return _POOLS[kind](size, strides=strides, padding="same", name=name)(x)

        if strides == 1 or kind not in self.zero_padded:
            return self._once(name, lambda: pool(x))
        # an even number of zeros keeps the windows in place; those that see nothing else are cut
        wide = 2 * (size // 2)
        pad = f"{self.name}_state{state}_pad{size}"
        x = self._once(pad, lambda: layers.ZeroPadding2D(wide, name=pad)(x))
        return self._once(name, lambda: layers.Cropping2D(wide // 2, name=f"{name}_crop")(pool(x)))

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.shared:
            self.shared[name] = make()
        return self.shared[name]


def _projection(x: Any, filters: int, *, strides: int = 1, name: str, **norm: float) -> Any:
    x = conv(x, filters, 1, strides=strides, name=f"{name}_conv")
    return batch_norm(x, name=f"{name}_bn", **norm)


def _adjusted(x: Any, filters: int, strides: int, name: str, norm: dict[str, float]) -> Any:
    """h1: the output before the last one, brought to the size and the channels of h0."""
    if strides == 1 and x.shape[-1] == filters:
        return x
    x = relu(x, name=f"{name}_h1_relu")
    if strides == 1:
        return _projection(x, filters, name=f"{name}_h1", **norm)
    return factorized_reduction(x, filters, name=f"{name}_h1", **norm)
