"""Writes docs/weights.md, the page of all public weights.

    python scripts/write_weights_page.py

Everything comes from the catalog and the registry, but for the reasons why an architecture has no
weights, which stand here. A test holds the page against these.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import keras_classic_cnns as kcc
from keras_classic_cnns.core.files import atomic_write
from keras_classic_cnns.weights import catalog

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
from write_models_page import table  # noqa: E402

PAGE = ROOT / "docs" / "weights.md"
HEAD = """# Public weights

What `weights=` takes, by family; `make models-page` writes this page from the catalog of the
package, and `kcc.list_weights("resnet50")` prints the rows of one network.
[Fine-tuning](fine_tuning.md) shows how to go on from them.

- **No address was tried** when this version was made, since that machine has no network, and
  **accuracies are quoted**: top-1 and top-5 in percent on the images that the tag names, from the
  source in the next column. A dash stands where there is no figure.
- Call the constructor with `weights=` and the tag: `kcc.GoogLeNet(variant="bn",
  weights="imagenet")`. It is the default where the row has no options and the tag is `imagenet`.
- Image: height and width in pixels of the centre, what the short side is resized to first and how,
  and how pixels are scaled: a mode of `kcc.preprocessing.MODES`, or a mean and deviation of its
  own ({own}). `kcc.preprocessing_for(model)` is that function.
- File: megabytes (10^6 bytes), and what a download is checked against. A `sha256 prefix` is 8
  digits of it; `none yet` means that nobody published a digest: what came first is pinned.
- The licence is the one that the publisher names. ImageNet has terms of its own.
"""
BUNDLED = """## Inside the package

`kcc.LeNet5(weights="digits")` needs no download: see [LeNet-5](models/lenet.md#weights).
"""
WITHOUT = """## Without public weights

These start at random by default. `weights=` takes a file of yours for any of them.
"""
# Why, as far as is known, by architecture or by family; what nobody has looked for has no place
NOTHING = "None were found."
REASONS = {
    "bn_inception": "Public files are on a server without https, pool with another padding, or "
    "have 576 channels in module 4d where the paper's table has 608.",
    "cifar_densenet": "Public nets compress by a half where the paper does not, or are "
    "DenseNet-BC-40, which is no constructor here.",
    "cifar_preact_resnet": "The public net does not activate the shortcut of its first unit.",
    "cifar_resnet": "Nothing was found of this depth; what there is of others has shortcut B.",
    **dict.fromkeys(("plainnet20", "plainnet32", "plainnet44", "plainnet56"), NOTHING),
    "inceptionresnetv1": "What goes by this name is FaceNet's net, with 5, 11 and 7 units.",
    "lenet5": "Trained on digits, and a part of the package: see above.",
    "nasnetcifar": "Public nets of this cell pool in another way at the borders.",
    "nincifar": "Public nets pad their pools on both sides; Caffe's round up.",
    "wide_resnet": "The public nets for CIFAR are WRN-16-10, 28-10 and 40-8: see `WideResNet`.",
}


def page() -> str:
    """The text of the page."""
    families: dict[str, list[catalog.Entry]] = {}
    for entry in catalog.entries():
        families.setdefault(kcc.get_spec(entry.model).family, []).append(entry)
    tables = (_family(family, families[family]) for family in sorted(families))
    head = HEAD.replace("{own}", "; ".join(_own_scalings()))
    return "\n".join([head, BUNDLED, *tables, WITHOUT, _without()])


def reason(name: str) -> str:
    """Why an architecture has no weights by default, as far as is known.

    Args:
        name: Its registry name.
    """
    return REASONS.get(name) or REASONS.get(kcc.get_spec(name).family) or NOTHING


def without_weights() -> list[str]:
    """The registry names of the architectures that start at random by default."""
    names = kcc.list_models()
    return [name for name in names if catalog.default_weights(kcc.get_spec(name)) is None]


def _family(family: str, entries: list[catalog.Entry]) -> str:
    columns = "network", "tag", "top-1", "top-5", "figures from", "image", "file", "licence"
    rows = [(*_row(entry), _source(entry)) for entry in entries]
    lines = [f"## Family [{family}](models/{family}.md)", ""]
    lines += table((*columns, "published by"), "--rr-----", rows)
    return "\n".join([*lines, *_notes(entries)])


def _row(entry: catalog.Entry) -> Iterable[str]:
    digest = "none yet" if entry.file.digest is None else entry.file.digest.kind.replace("_", " ")
    return (
        f"`{entry.graph.removesuffix('()')}`",
        f"`{entry.tag}`",
        "-" if entry.top1 is None else f"{entry.top1:.2f}",
        "-" if entry.top5 is None else f"{entry.top5:.2f}",
        entry.accuracy_source or "-",
        _image(entry),
        f"{entry.megabytes:g}, {digest}",
        entry.licence,
    )


def _image(entry: catalog.Entry) -> str:
    name = f"`{entry.preprocessing.name}`"
    if entry.size == entry.resize:
        return f"{entry.size}, {name}"
    return f"{entry.size} of {entry.resize}, {entry.interpolation}, {name}"


def _own_scalings() -> list[str]:
    """What entries have in place of one of the modes."""
    records = {entry.preprocessing for entry in catalog.entries()}
    texts = []
    for record in sorted(records, key=lambda record: record.name):
        if record.name not in kcc.preprocessing.MODES:
            mean, std = (" ".join(f"{v:g}" for v in part) for part in (record.mean, record.std))
            texts.append(f"`{record.name}`: mean {mean}, deviation {std}")
    return texts


def _source(entry: catalog.Entry) -> str:
    first, *others = entry.file.urls
    mirrors = "".join(f", [also here]({url})" for url in others)
    return f"[{entry.source}]({first}){mirrors}"


def _notes(entries: list[catalog.Entry]) -> list[str]:
    """A list of the notes, each with the rows it belongs to, followed by an empty line."""
    rows: dict[str, list[str]] = {}
    for entry in entries:
        if entry.notes:
            rows.setdefault(entry.notes, []).append(_call(entry))
    lines = [f"- {', '.join(calls)}: {note}" for note, calls in rows.items()]
    return [*lines, ""] if lines else []


def _call(entry: catalog.Entry) -> str:
    return f"`{entry.graph.removesuffix('()')}` with `{entry.tag}`"


def _without() -> str:
    reasons: dict[tuple[str, str], list[str]] = {}
    for name in without_weights():
        spec = kcc.get_spec(name)
        reasons.setdefault((spec.family, _others(name) or reason(name)), []).append(
            spec.constructor
        )
    rows = [
        (", ".join(f"`{name}`" for name in names), text)
        for (_, text), names in sorted(reasons.items())
    ]
    return "\n".join(table(("networks", "why"), "--", rows))


def _others(name: str) -> str:
    """What there is for other options of the network, or by other tags."""
    calls = [_call(entry) for entry in catalog.list_weights(name)]
    return f"By options or by name: {', '.join(calls)}." if calls else ""


def main() -> None:
    """Writes the page."""
    with atomic_write(PAGE) as file:
        file.write(page())
    print(PAGE)


if __name__ == "__main__":
    main()
