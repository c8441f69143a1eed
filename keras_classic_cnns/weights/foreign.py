"""Loads a checkpoint of another library, of which only the names in it say what it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_classic_cnns.core import validate
from keras_classic_cnns.registry import ModelSpec
from keras_classic_cnns.weights import catalog
from keras_classic_cnns.weights.convert import load_arrays
from keras_classic_cnns.weights.key_map import get_key_map
from keras_classic_cnns.weights.readers import read_arrays
from keras_classic_cnns.weights.torch_peers import torch_peers


def load_foreign(
    model: Any, path: Path, spec: ModelSpec, options: Mapping[str, Any], adapt_input: bool
) -> None:
    """Loads a file by the first key map of this network that fits.

    Libraries whose graphs differ, in where a stride is, name their weights differently, and these
    fit all the same. So the names must be those of a library that has this very graph.

    Args:
        model: A freshly built model; of no use where this fails.
        path: The file.
        spec: The record of the model.
        options: The model's options.
        adapt_input: Whether the first kernel is adapted to images of another number of channels.

    Raises:
        ValueError: No map fits, or only one of another graph than the model's.
    """
    graphs = _graphs(spec)
    if not graphs:
        raise ValueError(
            f"No other library that is known here has {spec.constructor}, so the names in its "
            f"files mean nothing. {validate.received('weights', str(path))}"
        )
    ours = catalog.graph(spec, options)
    arrays = read_arrays(path)
    reasons = []
    for name in sorted(graphs, key=lambda name: ours not in graphs[name]):
        try:
            load_arrays(model, arrays, get_key_map(name), skip_head=True, adapt_input=adapt_input)
        except ValueError as error:
            reasons.append(str(error))
            continue
        if ours in graphs[name]:
            return
        raise ValueError(
            f"The names in the file are those of {' or '.join(graphs[name])}, a graph that gives "
            f"other results than {ours} with the same weights; build that. "
            f"{validate.received('weights', str(path))}"
        )
    # the map that is meant leaves the shortest list of what does not fit
    raise ValueError(f"{min(reasons, key=len)}. {validate.received('weights', str(path))}")


def _graphs(spec: ModelSpec) -> dict[str, dict[str, None]]:
    """The key maps of a network, and the graphs that files with such names belong to."""
    graphs: dict[str, dict[str, None]] = {}
    for source in (*torch_peers(), *catalog.entries()):
        if source.model == spec.name:
            graph = catalog.graph(spec, source.options)
            graphs.setdefault(source.key_map, {})[graph] = None
    return graphs
