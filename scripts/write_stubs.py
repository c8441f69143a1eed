"""Writes the type stub of the constructors, so that editors show their real arguments.

    python scripts/write_stubs.py

Constructors are made from tables, which Python's `inspect` sees through and a static type checker
does not. A test holds the stub against the registry.
"""

import inspect
from pathlib import Path

import keras_classic_cnns as kcc
from keras_classic_cnns.core.files import atomic_write

STUB = Path(__file__).parents[1] / "keras_classic_cnns" / "models" / "__init__.pyi"
HEAD = '''"""Written by scripts/write_stubs.py."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import keras

'''
TYPES = {
    "include_top": "bool",
    "weights": "str | PathLike[str] | None",
    "input_tensor": "keras.KerasTensor | None",
    "input_shape": "tuple[int | None, ...] | list[int | None] | None",
    "pooling": "str | None",
    "classes": "int",
    "classifier_activation": "str | Callable[..., Any] | None",
    "name": "str | None",
    "widths": "tuple[int, ...]",
}
# the type of an option beside its default, which is None
OPTIONAL = {"bypass": "str", "drop_path_steps": "int", "dropout": "float"}


def stub() -> str:
    """The text of the stub, from the registry."""
    specs = sorted((kcc.get_spec(name) for name in kcc.list_models()), key=lambda s: s.constructor)
    families = sorted({spec.family for spec in specs})
    imports = "".join(f"from keras_classic_cnns.models import {f} as {f}\n" for f in families)
    return HEAD + imports + "".join(f"\n{_function(spec)}" for spec in specs)


def _function(spec) -> str:
    signature = inspect.signature(getattr(kcc, spec.constructor))
    lines = [f"def {spec.constructor}("]
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and "    *," not in lines:
            lines.append("    *,")
        kind = TYPES.get(name) or type(parameter.default).__name__
        if name in spec.options and parameter.default is None:
            kind = f"{OPTIONAL[name]} | None"
        default = repr(parameter.default).replace("'", '"')
        lines.append(f"    {name}: {kind} = {default},")
    lines += [") -> keras.Model:", f'    """{spec.constructor}: {spec.summary}"""', ""]
    return "\n".join(lines)


def main() -> None:
    """Writes the stub."""
    with atomic_write(STUB) as file:
        file.write(stub())
    print(STUB)


if __name__ == "__main__":
    main()
