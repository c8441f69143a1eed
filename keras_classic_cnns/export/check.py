"""Checks that a SavedModel keeps what `saved_model` promises, without loading its graph."""

import os
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from keras_classic_cnns.core import validate
from keras_classic_cnns.core.errors import UnsupportedModelError

INPUT = "image"
SIGNATURES = {"serving_default": "float32", "serve_uint8": "uint8"}
# No name may end in _bytes: TensorFlow Serving would base64-encode that output in its REST API
OUTPUTS = {"probabilities": "float32", "scores": "float32", "classes": "int64", "labels": "string"}


def check(path: str | os.PathLike) -> dict[str, Any]:
    """Checks an exported model and describes it.

    Reads the graph and the index of the variables, so that it takes well under a second; the
    model is not run. What is checked: both signatures with their dtypes and a free batch size,
    no function that only XLA can run, every variable stored once, no file missing or cut off.

    Args:
        path: `<path>/<version>`, or the folder above it; then its highest version is checked,
            the one TensorFlow Serving loads.

    Returns:
        A dict that `json.dump` takes: `path`, `version` (None if the folder is not a number),
        `signatures` (per name `inputs` and `outputs`, each with `dtype` and `shape`), `classes`
        and `top` (how many), `variables` and `parameters` (how many), `variable_bytes`,
        `size_bytes` (all files) and `tensorflow` (the version it was written with).

    Raises:
        FileNotFoundError: There is no SavedModel, or one of its files is missing.
        ValueError: A file is damaged, or a signature is not as promised.
        UnsupportedModelError: The graph needs XLA; the message names the layers.
    """
    directory = find_saved_model(Path(path))
    if directory is None:
        raise FileNotFoundError(
            "There is no SavedModel: neither a file saved_model.pb nor a folder <version> that "
            f"holds one. {validate.received('path', str(path))}"
        )
    meta_graph = _read(directory)
    signatures = _check_signatures(meta_graph, directory)
    _refuse_xla(meta_graph.graph_def, directory)
    variables = _check_variables(meta_graph.graph_def, directory)
    outputs = signatures["serving_default"]["outputs"]
    return {
        "path": str(directory),
        "version": int(directory.name) if _is_version(directory.name) else None,
        "signatures": signatures,
        "classes": outputs["probabilities"]["shape"][-1],
        "top": outputs["classes"]["shape"][-1],
        **variables,
        "size_bytes": sum(f.stat().st_size for f in directory.rglob("*") if f.is_file()),
        "tensorflow": meta_graph.meta_info_def.tensorflow_version,
    }


def versions(path: Path) -> dict[int, Path]:
    """What TensorFlow Serving sees as versions in a folder: every entry whose name is a number."""
    if not path.is_dir():
        return {}
    return {int(entry.name): entry for entry in path.iterdir() if _is_version(entry.name)}


def _is_version(name: str) -> bool:
    return name.isascii() and name.isdigit()


def find_saved_model(path: Path) -> Path | None:
    """The folder of the SavedModel that a path stands for.

    Args:
        path: `<path>/<version>`, or the folder above it.

    Returns:
        `path` itself where it holds a SavedModel, else its highest version, the one TensorFlow
        Serving loads; `None` where that is not there or holds none.
    """
    found = versions(path)
    for folder in (path, found[max(found)] if found else path):
        if (folder / "saved_model.pb").is_file():
            return folder
    return None


def _read(directory: Path) -> Any:
    saved = saved_model_pb2.SavedModel()
    try:
        saved.ParseFromString((directory / "saved_model.pb").read_bytes())
        return saved.meta_graphs[0]
    except (DecodeError, IndexError) as error:  # no protobuf, or no graph inside
        raise ValueError(
            "saved_model.pb is damaged: it cannot be read as a SavedModel. "
            f"{validate.received('path', str(directory))}"
        ) from error


def _check_signatures(meta_graph: Any, directory: Path) -> dict[str, dict]:
    found = meta_graph.signature_def
    for name, dtype in SIGNATURES.items():
        if name not in found:
            _fail(f"The signature {name!r} is missing", directory)
        inputs, outputs = _describe(found[name].inputs), _describe(found[name].outputs)
        for what, actual, promised in (
            ("inputs", inputs, {INPUT: dtype}),
            ("outputs", outputs, OUTPUTS),
        ):
            dtypes = {key: value["dtype"] for key, value in actual.items()}
            if dtypes != promised:
                _fail(
                    f"The {what} of signature {name!r} must be {promised}, but are {dtypes}",
                    directory,
                )
        for key, value in {**inputs, **outputs}.items():
            if not value["shape"] or value["shape"][0] is not None:
                _fail(
                    f"Signature {name!r} must take any batch size, but {key!r} has the shape "
                    f"{value['shape']}; build the model with an Input without batch size",
                    directory,
                )
    return {
        name: {"inputs": _describe(found[name].inputs), "outputs": _describe(found[name].outputs)}
        for name in SIGNATURES
    }


def _describe(tensors: Any) -> dict[str, dict]:
    return {
        name: {
            "dtype": tf.as_dtype(info.dtype).name,
            "shape": [None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim],
        }
        for name, info in sorted(tensors.items())
    }


def _refuse_xla(graph_def: Any, directory: Path) -> None:
    """Stock TensorFlow Serving has no XLA compiler for GPUs, and needs a flag for it on CPUs."""
    functions = graph_def.library.function
    compiled = {f.signature.name for f in functions if _must_compile(f.attr)}
    callers = [graph_def.node, *(f.node_def for f in functions)]
    scopes = sorted(
        {
            node.name.rpartition("/")[0] or node.name
            for nodes in callers
            for node in nodes
            if _must_compile(node.attr)
            or any(value.func.name in compiled for value in node.attr.values())
        }
    )
    if compiled or scopes:
        raise UnsupportedModelError(
            "The graph has parts that only XLA can run (_XlaMustCompile), which stock TensorFlow "
            f"Serving refuses: {', '.join(scopes or sorted(compiled))}. Replace the layers of "
            "these names (a trailing _1 may come from the graph): keras.layers.Conv2D(groups>1) "
            "by keras_classic_cnns.layers.GroupedConv2D, which takes the same arguments and "
            f"weights. {validate.received('path', str(directory))}"
        )


def _must_compile(attributes: Any) -> bool:
    return "_XlaMustCompile" in attributes and attributes["_XlaMustCompile"].b


def _check_variables(graph_def: Any, directory: Path) -> dict[str, int]:
    prefix = directory / "variables" / "variables"
    if not prefix.with_suffix(".index").is_file():
        raise FileNotFoundError(
            "The export is incomplete: variables/variables.index is missing. "
            f"{validate.received('path', str(directory))}"
        )
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    except (tf.errors.OpError, RuntimeError) as error:
        _fail(f"The variables cannot be read ({error})", directory)
    names = [name for name in shapes if dtypes[name] != tf.string]
    sizes = {name: tf.TensorShape(shapes[name]).num_elements() for name in names}
    needed = sum(sizes[name] * dtypes[name].size for name in names)
    stored = sum(f.stat().st_size for f in prefix.parent.glob("variables.data-*"))
    if stored < needed:
        _fail(f"The variables need {needed} bytes, but their files have {stored}", directory)
    # where an object wraps a variable and saves it again, the graph gets further handles to it
    handles = sum(node.op == "VarHandleOp" for node in graph_def.node)
    if handles != len(names):
        _fail(
            f"Every variable must be stored once, but the graph has {handles} handles of "
            f"variables, and {len(names)} are stored",
            directory,
        )
    return {
        "variables": len(names),
        "parameters": sum(sizes.values()),
        "variable_bytes": needed,
    }


def _fail(what: str, directory: Path) -> None:
    raise ValueError(f"{what}. {validate.received('path', str(directory))}")
