"""Fills missing digests and sizes in the catalog of weights, and checks that its urls answer.

    python scripts/pin_hashes.py --check_only
    python scripts/pin_hashes.py --only='resnet*'

For a maintainer with internet. Files go to the cache of weights (`KERAS_HOME` says where) and are
verified against what the catalog knows of them before anything is written. The catalog is written
after each file, so a run that was stopped goes on where it was. `HF_TOKEN`, `HF_ENDPOINT`, proxies
and the offline switches count as in any download.
"""

import dataclasses
import fnmatch
import json
import re
import runpy
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

# Sets TensorFlow's switches before it is imported, as the commands do; runs no command.
runpy.run_path(str(Path(__file__).with_name("keras-classic-cnns")))

from keras_classic_cnns import cli  # noqa: E402
from keras_classic_cnns.core import files, validate  # noqa: E402
from keras_classic_cnns.core.errors import WeightsUnavailableError  # noqa: E402
from keras_classic_cnns.training.settings import Settings, path_name, setting  # noqa: E402
from keras_classic_cnns.weights import catalog, store  # noqa: E402
from keras_classic_cnns.weights.asking import DownloadError, ask, content_size  # noqa: E402
from keras_classic_cnns.weights.digest import hash_file  # noqa: E402
from keras_classic_cnns.weights.download import persist  # noqa: E402

# How far a size may be from the catalog's megabytes, which have three digits
ROUNDING = 0.02


@dataclasses.dataclass(frozen=True)
class PinSettings(Settings):
    """Settings of this script."""

    check_only: bool = setting(
        "Download and write nothing: ask every url, and compare the size that its server names, "
        "on Hugging Face also the sha256.",
        False,
        check=validate.boolean,
    )
    all: bool = setting(
        "Download also the files whose digest is weaker than a sha256, and give them one.",
        False,
        check=validate.boolean,
    )
    only: str = setting(
        "Only the entries whose model, or model/tag, matches a shell pattern (quote it).",
        "*",
        check=validate.string,
    )
    catalog: str = setting(
        "The catalog.", str(catalog.CATALOG), check=path_name, absent="the package's"
    )


@dataclasses.dataclass(frozen=True)
class Said:
    """What a server says of a file without sending it: bytes and sha256, where it does."""

    size: int | None
    sha256: str | None


def main(words: Sequence[str] | None = None) -> int:
    """Runs the script.

    Args:
        words: The command line; by default that of the process.

    Returns:
        0 where all is right, 1 where something is not, 2 for a wrong command line.
    """
    summary = "Fills missing digests and sizes in the catalog of weights, and checks its urls."
    command = cli.Command(PinSettings, run, summary)
    return cli.run_command(command, sys.argv[1:] if words is None else words, "pin_hashes.py")


def run(settings: PinSettings) -> int:
    """Checks or pins what the settings choose, with a row for each; returns the exit code."""
    path = Path(settings.catalog)
    entries = [entry for entry in catalog.read_catalog(path) if _is_chosen(entry, settings.only)]
    if not entries:
        raise ValueError(
            "No entry of the catalog matches; the pattern is compared with model and model/tag. "
            f"{validate.received('only', settings.only)}"
        )
    rows = _checked(entries) if settings.check_only else _pinned(entries, path, settings.all)
    wrong = total = 0
    for name, what, problem in rows:
        total += 1
        wrong += problem is not None
        print(f"{'ok   ' if problem is None else 'WRONG'}  {name}  {problem or what}", flush=True)
    kind = "urls" if settings.check_only else "files"
    print(f"{total} {kind}, {wrong} wrong" if total else "Nothing is missing.")
    return 1 if wrong else 0


def _is_chosen(entry: catalog.Entry, pattern: str) -> bool:
    names = entry.model, f"{entry.model}/{entry.tag}"
    return any(fnmatch.fnmatchcase(name, pattern) for name in names)


Row = tuple[str, str, str | None]  # whose, what was found, and what is wrong with it


def _checked(entries: Iterable[catalog.Entry]) -> Iterable[Row]:
    """A row for each url; urls that several entries share are asked once."""
    seen = set()
    for entry in entries:
        for url in entry.file.urls:
            if url not in seen:
                seen.add(url)
                yield _row(f"{entry.model}/{entry.tag}  {url}", _check, url, entry)


def _pinned(entries: Iterable[catalog.Entry], path: Path, is_all: bool) -> Iterable[Row]:
    """A row for each file that lacked something; what was found is in the catalog by then."""
    seen = set()
    for entry in entries:
        file = entry.file
        strong = file.digest is not None and (file.digest.kind == "sha256" or not is_all)
        if file.name in seen or (strong and file.size is not None):
            continue
        seen.add(file.name)
        find = _ask_size if strong else _download
        yield _row(f"{entry.model}/{entry.tag}  {file.name}", _pin, path, entry, find)


def _row(name: str, work: Callable[..., str], *arguments: Any) -> Row:
    try:
        return name, work(*arguments), None
    except (DownloadError, WeightsUnavailableError, _MismatchError) as error:
        reason = str(error).partition("\nExpected: ")[0]  # the rest is for users
        return name, "", reason.replace("\n", "\n       ")


class _MismatchError(Exception):
    """A server has something else than what the catalog says."""


def _check(url: str, entry: catalog.Entry) -> str:
    """Asks a url; returns what its server says, as a phrase."""
    size = _size(url, entry)
    return "answers, and names no size" if size is None else f"{size} bytes"


def _size(url: str, entry: catalog.Entry) -> int | None:
    """The size that the server of a url names, after what it says is compared with the entry."""
    said, file = persist(url, lambda: say(url)), entry.file
    if file.member is not None:  # size and digest are those of the member
        return said.size
    digest = file.digest.value if file.digest and file.digest.kind.startswith("sha256") else ""
    if said.sha256 and not said.sha256.startswith(digest):
        raise _MismatchError(f"sha256:{said.sha256}, expected {file.digest}")
    if said.size is not None:
        if file.size not in (None, said.size):
            raise _MismatchError(f"{said.size} bytes, expected {file.size}")
        if abs(said.size / 1e6 - entry.megabytes) > ROUNDING * entry.megabytes:
            raise _MismatchError(f"{said.size} bytes, expected about {entry.megabytes} MB")
    return said.size


def say(url: str) -> Said:
    """Asks for a file without reading it.

    Args:
        url: Its address.

    Returns:
        What the server says of it. Hugging Face names size and sha256 in its answer, which leads
        on to the server that has the file.

    Raises:
        DownloadError: It does not answer, or not with the file.
    """
    with ask(url, {"Range": "bytes=0-0"}) as response:
        answers = (*response.history, response)
        linked = (answer.headers.get("X-Linked-ETag", "").strip('"') for answer in answers)
        sha256 = next((tag for tag in linked if re.fullmatch("[0-9a-f]{64}", tag)), None)
        return Said(content_size(response), sha256)


def _ask_size(entry: catalog.Entry) -> dict[str, Any]:
    """The size of a file whose digest is known, as all its urls tell it."""
    if entry.file.member is not None:
        return _download(entry)
    sizes = {_size(url, entry) for url in entry.file.urls}
    if len(sizes) > 1 or None in sizes:
        raise _MismatchError(f"its urls name no size, or different ones: {sizes}")
    return {"size": sizes.pop()}


def _download(entry: catalog.Entry) -> dict[str, Any]:
    """Digest and size of a file that came, and that agrees with what is known of it."""
    path = store.fetch(entry.file)
    return {"digest": str(hash_file(path).sha256), "size": path.stat().st_size}


def _pin(path: Path, entry: catalog.Entry, find: Callable[..., dict[str, Any]]) -> str:
    return pin(path, entry.file.name, **find(entry))


def pin(path: Path, name: str, **values: Any) -> str:
    """Writes what was found out about a file into the catalog; nothing else in it changes.

    Args:
        path: The catalog.
        name: The file's name; several entries may have it.
        **values: `digest` and `size`.

    Returns:
        What was written, as a phrase.
    """
    text = path.read_text(encoding="utf-8")
    decoder, parts, end = json.JSONDecoder(), [], 0
    for found in re.finditer('"file": ', text):
        file, after = decoder.raw_decode(text, found.end())
        if file["name"] == name:
            parts += [text[end : found.end()], _written({**file, **values})]
            end = after
    with files.atomic_write(path) as target:
        target.write("".join([*parts, text[end:]]))
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _written(file: dict[str, Any]) -> str:
    """The record of a file in the catalog's layout: a line each for name, urls and the rest."""
    urls = ",\n      ".join(json.dumps(url) for url in file["urls"])
    rest = ", ".join(
        f'"{key}": {json.dumps(file[key])}' for key in ("digest", "size", "member") if key in file
    )
    lines = [f'"name": {json.dumps(file["name"])}', f'"urls": [{urls}]', *([rest] if rest else [])]
    return "{" + ",\n     ".join(lines) + "}"


if __name__ == "__main__":
    sys.exit(main())
