"""The floors of docs/architecture.md, and the checks of imports against them.

Which module stands on which floor is said once, in BUILD: a `py_library` is a floor.
"""

from collections.abc import Iterable, Mapping

from conventions.build_file import Target
from conventions.source_tree import PACKAGE, Import, Module, imports

# A library may import only from those named before it, and those "beside" only from the few given.
FLOORS = (
    "core",
    "layers",
    "blocks",
    "facts",
    "readers",
    "weights",
    "application",
    "models",
    "tools",
    "training",
    "experiments",
    "faces",
)
BESIDE = {"data": {"core", "facts"}, "analysis": {"core"}}
USES_BESIDE = {"tools", "training", "experiments", "faces"}

# Where TensorFlow itself may be imported; everything else is written in keras.ops. The fast paths
# are named one by one.
TENSORFLOW_FOLDERS = {"data", "distribute", "export"}
TENSORFLOW_FILES = {
    "keras_classic_cnns/analysis/memory.py",  # reads the graph of a step
    "keras_classic_cnns/layers/_recompute.py",
    "keras_classic_cnns/layers/_tensorflow.py",  # what the fast paths ask TensorFlow
    "keras_classic_cnns/layers/batch_normalization.py",
    "keras_classic_cnns/layers/grouped_conv.py",
    "keras_classic_cnns/layers/local_response_normalization.py",
    "keras_classic_cnns/recipes/loss_scaling.py",  # asks the other replicas
    "keras_classic_cnns/training/determinism.py",  # a switch of TensorFlow's
    "keras_classic_cnns/training/tensorboard.py",  # its profiler
}

# Slow to import, so loaded on first use: outside data/, whose own import is deferred, inside
# functions only.
HEAVY = {
    "PIL",
    "keras_cv",
    "matplotlib",
    "onnxruntime",
    "skimage",
    "sklearn",
    "tensorflow_datasets",
    "tensorflow_serving",
    "tf2onnx",
}


def libraries(targets: Mapping[str, Target]) -> dict[str, str]:
    """The library of each source file of the package."""
    return {
        path: target.name
        for target in targets.values()
        if target.kind == "py_library"
        for path in target.srcs
    }


def may_import(library: str) -> set[str]:
    """The libraries that a library may depend on."""
    if library in BESIDE:
        return BESIDE[library]
    below = set(FLOORS[: FLOORS.index(library)])
    return below | (set(BESIDE) if library in USES_BESIDE else set())


def internal_imports(module: Module, modules: Iterable[Module]) -> list[tuple[Import, Module]]:
    """The imports of a module that lead to modules of the package."""
    by_name = {m.name: m for m in modules}
    known = frozenset(by_name)
    found = [(i, by_name.get(i.target)) for i in imports(module, known)]
    return [(i, target) for i, target in found if target is not None and target is not module]


def floor_violations(
    module: Module, modules: Iterable[Module], library_of: Mapping[str, str]
) -> list[str]:
    """Imports that lead to the same floor or up, or from one room of a floor to another."""
    wrong = []
    mine = library_of[module.path]
    for found, target in internal_imports(module, modules):
        theirs = library_of[target.path]
        where = f"{module.path}:{found.line} imports {target.name}"
        if theirs == mine:
            if not _same_room(module, target):
                wrong.append(f"{where}: another room of its own floor ({mine})")
            elif mine == "models" and not target.is_private and module.stem != "__init__":
                wrong.append(f"{where}: what two model files share belongs into blocks or layers")
        elif theirs not in may_import(mine):
            wrong.append(f"{where}: {mine} must not depend on {theirs}")
    return wrong


def _same_room(module: Module, target: Module) -> bool:
    """A folder is a room; a file at the top of the package is one of its own, but for the faces."""
    if module.folder or target.folder:
        return module.folder == target.folder
    return target.stem == "version" or "__init__" in (module.stem, target.stem)


def backend_violations(module: Module) -> list[str]:
    """Imports of keras or TensorFlow, or of slow packages, where they must not stand."""
    wrong = []
    for found in imports(module):
        top = found.target.split(".")[0]
        where = f"{module.path}:{found.line} imports {found.target}"
        if module.folder == "core" and top in ("keras", "tensorflow"):
            wrong.append(f"{where}: core imports neither keras nor tensorflow")
        elif top == "tensorflow" and not _may_use_tensorflow(module):
            wrong.append(f"{where}: write it in keras.ops, or name the fast path in {__name__}")
        elif top in HEAVY and found.at_import and module.folder != "data":
            wrong.append(f"{where}: import it inside the function that uses it")
    return wrong


def _may_use_tensorflow(module: Module) -> bool:
    return module.folder in TENSORFLOW_FOLDERS or module.path in TENSORFLOW_FILES


def import_cycles(modules: Iterable[Module]) -> list[str]:
    """Modules that import each other while being imported, as chains `a -> b -> a`."""
    modules = [m for m in modules if m.name != PACKAGE]
    edges = {
        m.name: {t.name for i, t in internal_imports(m, modules) if i.at_import} for m in modules
    }
    cycles, done = [], set()

    def visit(name: str, chain: list[str]) -> None:
        if name in chain:
            cycles.append(" -> ".join([*chain[chain.index(name) :], name]))
        elif name not in done:
            for target in sorted(edges[name]):
                visit(target, [*chain, name])
            done.add(name)

    for name in sorted(edges):
        visit(name, [])
    return cycles
