"""The graph of a Keras model: the calls of its layers, in order."""

from typing import Any


def functional(model: Any) -> Any | None:
    """The model that has the graph: of a built sequential model, the one inside it.

    Args:
        model: Any model.

    Returns:
        A functional model; `None` where there is no graph.
    """
    graph = getattr(model, "_functional", None) or model
    return graph if hasattr(graph, "_nodes_by_depth") else None


def nodes(model: Any) -> list[Any]:
    """The calls that make up the graph of a model, inputs first.

    Args:
        model: A functional model.

    Returns:
        Keras's nodes: `node.operation` is the layer, `node.arguments.keras_tensors` what it takes,
        `node.outputs` what it gives.
    """
    # Keras has no public way to walk a graph; this attribute is what Keras itself walks
    by_depth = model._nodes_by_depth
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
