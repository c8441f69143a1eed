"""Writes docs/models.md, the page of all architectures.

    python scripts/write_models_page.py

Papers, inputs and classes come from the registry, counts and published errors from the goldens of
the tests, differences from the papers from the families' docstrings. A test holds the page against
these.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import keras_classic_cnns as kcc
from keras_classic_cnns.core.files import atomic_write
from keras_classic_cnns.registry import ModelSpec

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from goldens.models_file import Golden, read_goldens  # noqa: E402

PAGE = ROOT / "docs" / "models.md"
HEAD = """# Architectures

Every architecture, by its paper and in order of time; `make models-page` writes this page. The
numbers are those of the defaults: depth as the name or the paper counts it, trainable parameters,
multiply-accumulates of convolutions and dense layers for one image, and errors in percent, as the
source beside them published them. A dash stands where there is no number that was checked. What
the options do is on the page of each family.
"""
NONE = "-"


def page() -> str:
    """The text of the page."""
    specs = [kcc.get_spec(name) for name in kcc.list_models()]
    papers: dict[tuple, list[ModelSpec]] = {}
    for spec in sorted(specs, key=lambda s: (s.paper.year, s.paper.link, s.paper.title, s.family)):
        papers.setdefault((spec.paper.year, spec.paper.title), []).append(spec)
    goldens = read_goldens()
    return "\n".join([HEAD, *(_paper(group, goldens) for group in papers.values())])


def differences(docstring: str) -> str:
    """The part of a family's docstring on differences, as Markdown.

    Args:
        docstring: Of the module. Lines that begin with "Differences" open lists; items are
            indented by four spaces.
    """
    parts: list[str] = []
    is_new = True
    for line in docstring[docstring.index("\nDifferences") + 1 :].splitlines():
        is_item = line.startswith("    - ")
        if line.strip() and (is_new or is_item or line.startswith("Differences")):
            between = "\n" if is_item and parts and parts[-1].startswith("- ") else "\n\n"
            parts += [between, line.strip()] if parts else [line.strip()]
        elif line.strip():
            parts[-1] += f" {line.strip()}"
        is_new = not line.strip()
    return "".join(parts)


def _paper(specs: list[ModelSpec], goldens: dict[str, Golden]) -> str:
    paper = specs[0].paper
    families: dict[str, list[ModelSpec]] = {}
    for spec in specs:
        families.setdefault(spec.family, []).append(spec)
    lines = [f"## {paper.year}: {paper.title}", "", f"{paper.authors}, <{paper.link}>.", ""]
    for family, members in families.items():
        members.sort(key=lambda spec: (goldens[spec.name].depth or 0, spec.constructor))
        lines += [f"### Family [{family}](models/{family}.md)", ""]
        lines += _counts(members, goldens)
        lines += _errors(members, goldens)
        lines += [differences(getattr(kcc.models, family).__doc__), ""]
    return "\n".join(lines)


def _counts(specs: list[ModelSpec], goldens: dict[str, Golden]) -> list[str]:
    columns = "constructor", "image", "classes", "depth", "parameters", "multiply-accumulates"
    rows = []
    for spec in specs:
        golden, size = goldens[spec.name], spec.input_size
        default = golden.rows[0]
        numbers = golden.depth or "-", f"{default['trainable']:,}", f"{default['macs']:,}"
        image = f"{size}x{size}x{spec.channels}"
        rows.append((f"`{spec.constructor}`", image, spec.classes, *numbers))
    return table(columns, "--rrrr", rows)


def _errors(specs: list[ModelSpec], goldens: dict[str, Golden]) -> list[str]:
    columns = "published errors", "images", "test", "top-1", "top-5", "source"
    keys = "data", "test", "top1", "top5", "source"
    rows = []
    for spec in specs:
        for error in goldens[spec.name].errors or [{}]:
            values = (error.get(key) for key in keys)
            shown = (NONE if value is None else value for value in values)
            rows.append((f"`{spec.constructor}`", *shown))
    return table(columns, "---rr-", rows)


def table(columns: Iterable[str], sides: str, rows: Iterable[Iterable]) -> list[str]:
    """A table of Markdown, as lines with an empty one at the end.

    Args:
        columns: The heads.
        sides: A character for each column; `r` sets it to the right.
        rows: What stands in them.
    """
    rule = "|".join("---:" if side == "r" else "---" for side in sides)
    lines = [f"| {' | '.join(map(str, row))} |" for row in (columns, *rows)]
    return [lines[0], f"|{rule}|", *lines[1:], ""]


def main() -> None:
    """Writes the page."""
    with atomic_write(PAGE) as file:
        file.write(page())
    print(PAGE)


if __name__ == "__main__":
    main()
