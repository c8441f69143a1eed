"""What docstrings must hold. Ruff checks their form; here it is their presence and content."""

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any

from conventions.source_tree import Module

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Keras documents these; a second text would only drift from it.
UNDOCUMENTED = {"build", "call", "get_config"}


def public_definitions(
    body: list[ast.stmt], owner: ast.ClassDef | None = None
) -> Iterator[tuple[str, ast.stmt, ast.ClassDef | None]]:
    """Public functions, classes and methods: dotted name, node and the class they belong to."""
    for node in body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        yield f"{owner.name}.{node.name}" if owner else node.name, node, owner
        if isinstance(node, ast.ClassDef):
            yield from public_definitions(node.body, node)


def docstring_violations(module: Module) -> list[str]:
    """Public symbols without a docstring, and docstrings that only repeat Keras."""
    wrong = [] if ast.get_docstring(module.tree) else [f"{module.path}:1 has no module docstring"]
    for name, node, owner in public_definitions(module.tree.body):
        text = ast.get_docstring(node)
        where = f"{module.path}:{node.lineno} {name}"
        if owner is not None and owner.bases:
            # The base class documents what a subclass overrides; its own methods it must document.
            if text and node.name in UNDOCUMENTED:
                wrong.append(f"{where}: Keras documents this method")
        elif not text:
            wrong.append(f"{where}: no docstring")
    return wrong


def source_violations(module: Module) -> list[str]:
    """Layers, models and recipes whose docstring does not say where they come from."""
    text = ast.get_docstring(module.tree) or ""
    if module.stem == "__init__" or module.is_private:
        return []
    if module.folder == "models":
        return [
            f"{module.path}: the module docstring has no {what}"
            for what, pattern in (
                ("year in its first line", r"\A.*\b(19|20)\d\d\b"),
                ("'Differences from the paper'", r"(?m)^Differences from the paper"),
            )
            if not re.search(pattern, text)
        ]
    if module.folder not in ("layers", "recipes") or "Source:" in text:
        return []
    return [
        f"{module.path}:{node.lineno} {name}: no Source"
        for name, node, owner in public_definitions(module.tree.body)
        if isinstance(node, ast.ClassDef) and owner is None and not _names_source(node)
    ]


def _names_source(node: ast.ClassDef) -> bool:
    """A class says its source, or is a record of sources."""
    fields = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign)}
    return "Source:" in (ast.get_docstring(node) or "") or "source" in fields


def example_violations(module: Module) -> list[str]:
    """Public layers without an example that runs."""
    if module.folder != "layers":
        return []
    return [
        f"{module.path}:{node.lineno} {node.name}: no Example"
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
        and any("register_keras_serializable" in ast.unparse(d) for d in node.decorator_list)
        and ">>>" not in (ast.get_docstring(node) or "")
    ]


def unexplained_parameters(symbol: Any) -> list[str]:
    """The parameters of a public function or class that its docstring does not name.

    A field of a dataclass may bring its own text, as metadata. A class that inherits its `__init__`
    inherits the text about it.
    """
    if inspect.isclass(symbol) and "__init__" not in vars(symbol):
        return []
    text = inspect.getdoc(symbol) or ""
    try:
        parameters = inspect.signature(symbol).parameters.values()
    except (TypeError, ValueError):
        return []
    fields = dataclasses.fields(symbol) if dataclasses.is_dataclass(symbol) else ()
    told = {field.name for field in fields if field.metadata.get("doc")}
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    names = [p.name for p in parameters if p.kind not in starred and p.name not in told]
    return [name for name in names if not re.search(rf"\b{re.escape(name)}\b", text)]
