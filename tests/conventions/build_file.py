"""Reads the BUILD file: Starlark's subset that it uses is Python's, so that `ast` parses it."""

import ast
import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conventions import source_tree


@dataclass(frozen=True)
class Target:
    """One rule of the BUILD file."""

    kind: str
    name: str
    srcs: tuple[str, ...] = ()
    deps: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    main: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the targets of this file that it depends on."""
        return tuple(dep.removeprefix(":") for dep in self.deps)


def parse(text: str, files: Iterable[str]) -> dict[str, Target]:
    """The `py_library` and `py_test` rules of a BUILD file, by name; `glob` looks into `files`."""
    files = tuple(files)
    targets = {}
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
            continue  # the docstring
        call = statement.value
        if call.func.id not in ("py_library", "py_test"):
            continue
        values = {k.arg: _value(k.value, files) for k in call.keywords}
        fields = {k: values.get(k, ()) for k in ("srcs", "deps", "data")}
        target = Target(
            call.func.id,
            values["name"],
            **{k: tuple(v) for k, v in fields.items()},
            main=values.get("main", ""),
        )
        if target.name in targets:
            raise ValueError(f"BUILD defines a target twice. Received: name={target.name!r}")
        targets[target.name] = target
    return targets


@functools.cache
def project_targets() -> dict[str, Target]:
    """The targets of the project's own BUILD file."""
    return parse(source_tree.read("BUILD"), source_tree.tracked_files())


def _value(node: ast.expr, files: tuple[str, ...]):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_value(node.left, files), *_value(node.right, files)]
    if isinstance(node, ast.Call) and node.func.id == "glob":
        exclude = next((_value(k.value, files) for k in node.keywords if k.arg == "exclude"), [])
        include = _value(node.args[0], files)
        chosen, dropped = _any_of(include), _any_of(exclude)
        return [f for f in files if chosen(f) and not dropped(f)]
    return ast.literal_eval(node)


def _any_of(patterns: list[str]) -> Callable[[str], bool]:
    """Whether a path matches one of Bazel's glob patterns, where `*` stays within a folder."""
    expressions = [
        re.escape(p).replace(r"\*\*/", "(?:.+/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        for p in patterns
    ]
    whole = re.compile("|".join(f"(?:{e})" for e in expressions) or r"(?!)")
    return lambda path: whole.fullmatch(path) is not None
