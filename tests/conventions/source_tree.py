"""What the conventions read: the files of the project, its modules and their imports."""

import ast
import functools
import pathlib
import re
import subprocess
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = "keras_classic_cnns"
NOT_OURS = {".git", ".venv", "build", "dist", "site", "__pycache__", "node_modules"}


@dataclass(frozen=True)
class Import:
    """One import: what is imported, where, and whether it runs when the module is imported."""

    target: str
    line: int
    at_import: bool


@dataclass(frozen=True)
class Module:
    """A Python file of the package, parsed: `name` is dotted, `path` relative to the root."""

    name: str
    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parse(self.text)

    @property
    def folder(self) -> str:
        """The folder below the package, or '' for its top level."""
        parts = self.path.split("/")[1:-1]
        return "/".join(parts)

    @property
    def stem(self) -> str:
        return self.path.rsplit("/", 1)[-1].removesuffix(".py")

    @property
    def is_private(self) -> bool:
        return self.stem.startswith("_") and self.stem != "__init__"


@functools.cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def make_module(path: str, text: str) -> Module:
    """A module from its path in the project and its text, which need not be on disk."""
    dotted = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(dotted, path, text)


@functools.cache
def tracked_files() -> tuple[str, ...]:
    """Paths of the project's own files, relative to its root: what git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        names = listed.stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, not a clone
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file()]
    ours = (n for n in names if not NOT_OURS & set(n.split("/")) and (ROOT / n).is_file())
    return tuple(sorted(ours))


@functools.cache
def python_files(*folders: str) -> tuple[Module, ...]:
    """The Python files below these folders of the project."""
    paths = (n for n in tracked_files() if n.endswith(".py") and n.startswith(folders))
    return tuple(make_module(p, (ROOT / p).read_text(encoding="utf-8")) for p in paths)


def package_modules() -> tuple[Module, ...]:
    """Every module of the package."""
    return python_files(f"{PACKAGE}/")


def read(path: str) -> str:
    """The text of one file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def code_blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and content."""
    return re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def python_blocks(text: str) -> list[str]:
    """The Python examples of a page."""
    return [block for language, block in code_blocks(text) if language == "python"]


def imports(module: Module, known: frozenset[str] = frozenset()) -> list[Import]:
    """The imports of a module, also inside functions.

    `from a import b` imports `a.b` where that is one of the `known` modules, else `a`. A package
    that computes the name it passes to `import_module` imports the submodules its strings name.
    """
    found = [Import(target, 1, False) for target in _lazy_submodules(module, known)]
    inside = _nodes_inside_functions(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            joined = [f"{base}.{alias.name}" for alias in node.names]
            targets = [name if name in known else base for name in joined]
        elif (literal := _literal_import(node)) is not None:
            targets = [literal]
        else:
            continue
        found += [Import(t, node.lineno, node not in inside) for t in dict.fromkeys(targets)]
    return found


def _nodes_inside_functions(tree: ast.Module) -> set[ast.AST]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    return {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, functions)
        for inner in ast.walk(outer)
        if inner is not outer
    }


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = module.path.endswith("__init__.py")
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _lazy_submodules(module: Module, known: frozenset[str]) -> list[str]:
    nodes = list(ast.walk(module.tree))
    if not any(_called(n) == "import_module" and not _literal_import(n) for n in nodes):
        return []
    strings = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return sorted(known & {f"{module.name}.{s}" for s in strings})


def _called(node: ast.AST) -> str:
    """The last part of the name of the function that a call calls, or ''."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _literal_import(node: ast.AST) -> str | None:
    """The name in `importlib.import_module("name")`."""
    if _called(node) not in ("import_module", "__import__") or not node.args:
        return None
    name = node.args[0]
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else None
