"""What README and docs tell a reader to type, open or expect is there."""

import ast
import re
import shlex

import pytest
from conventions.source_tree import ROOT, code_blocks, python_blocks, read, tracked_files
from goldens.models_file import read_goldens

import keras_classic_cnns as kcc
from keras_classic_cnns import cli
from keras_classic_cnns.training import flags

PAGES = [name for name in tracked_files() if name.endswith(".md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def broken_links(page: str, text: str) -> list[str]:
    """Relative links of a page that lead to no file."""
    wrong = []
    for link in LINK.findall(text):
        target = link.split("#")[0]
        if "://" in link or not target:
            continue
        if not ((ROOT / page).parent / target).resolve().exists():
            wrong.append(f"{page}: {link}")
    return wrong


def make_targets(text: str) -> set[str]:
    """The targets of a Makefile that a person calls."""
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def called_targets(text: str) -> set[str]:
    """The targets that a page tells one to make: `make NAME` in backticks or in a code block."""
    code = re.findall(r"`(make [^`\n]+)`", text)
    code += [line for _, block in code_blocks(text) for line in block.splitlines()]
    words = (line.split() for line in code if line.startswith("make "))
    return {word for line in words for word in line[1:] if re.fullmatch("[a-z][a-z-]*", word)}


def missing_attributes(code: str) -> list[str]:
    """The names that an example takes from `kcc`, as `kcc.a.b`, and that are not there."""
    missing = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and (chain := _chain(node)):
            value = kcc
            for name in chain:
                if not hasattr(value, name):
                    missing.append(f"kcc.{'.'.join(chain)}")
                    break
                value = getattr(value, name)
    return missing


def false_counts(text: str, known: dict[str, set[int]]) -> dict[str, set[int]]:
    """Counts in table rows that begin with a constructor, and that its defaults do not have."""
    rows = re.findall(r"^\| `(\w+)` \|(.*)$", text, re.MULTILINE)
    stated = {
        name: {int(n.replace(",", "")) for n in re.findall(r"\d{1,3}(?:,\d{3})+", rest)}
        for name, rest in rows
        if name in known
    }
    return {n: numbers - known[n] for n, numbers in stated.items() if numbers - known[n]}


def default_counts() -> dict[str, set[int]]:
    """By constructor: parameters and multiply-accumulates of the default."""
    return {
        kcc.get_spec(name).constructor: {golden.rows[0]["trainable"], golden.rows[0]["macs"]}
        for name, golden in read_goldens().items()
    }


def _chain(node: ast.Attribute) -> list[str]:
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return names[::-1] if isinstance(node, ast.Name) and node.id == "kcc" else []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    assert broken_links(page, read(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_make_commands_exist(page):
    assert called_targets(read(page)) - make_targets(read("Makefile")) == set()


@pytest.mark.parametrize("page", PAGES)
def test_python_examples_use_what_there_is(page):
    text = read(page)
    assert [m for block in python_blocks(text) for m in missing_attributes(block)] == []


@pytest.mark.parametrize("page", PAGES)
def test_scripts_exist(page):
    named = set(re.findall(r"\b(?:scripts|benchmarks)/\w+\.py\b", read(page)))
    assert named - set(tracked_files()) == set()


def command_lines(text: str) -> list[list[str]]:
    """The words behind our program's name, of each call in a code block."""
    lines = [line for _, block in code_blocks(text) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(f"{cli.PROGRAM} ")]


def check_command(words: list[str]) -> None:
    """Parses a command line as the program would; raises where it would refuse it."""
    name, *rest = words
    flags.parse([cli.COMMANDS[name].settings, cli.CommonSettings], rest)


@pytest.mark.parametrize("page", PAGES)
def test_commands_have_these_flags(page):
    for words in command_lines(read(page)):
        check_command(words)


def test_readme_has_the_two_commands():
    assert {"quickstart", "test"} <= called_targets(read("README.md"))


def test_every_make_target_is_described():
    makefile = read("Makefile")
    described = set(re.findall(r"^([a-z][a-z-]*):.*## \S", makefile, re.MULTILINE))
    assert described == make_targets(makefile)


@pytest.mark.parametrize("page", PAGES)
def test_counts_in_tables_are_those_of_the_models(page):
    assert false_counts(read(page), default_counts()) == {}


def test_changelog_tells_of_this_version():
    newest = re.search(r"^## (\d\S*)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest and newest[1] == kcc.__version__


def test_the_checks_can_fail():
    assert broken_links("README.md", "[a](docs/none.md) [b](https://x.y) [c](#d)") == [
        "README.md: docs/none.md"
    ]
    assert called_targets("`make tea`\n```bash\nmake PYTHON=python3 coffee\n```\nmake no") == {
        "tea",
        "coffee",
    }
    code = "kcc.ResNet51()\nkcc.ResNet50()\nkcc.models.nothing()"
    assert set(missing_attributes(code)) == {"kcc.ResNet51", "kcc.models.nothing"}
    assert command_lines("```bash\nkeras-classic-cnns list x\nother\n```") == [["list", "x"]]
    with pytest.raises(flags.UsageError, match="colour"):
        check_command(["train", "--model=resnet20", "--dataset=digits", "--colour=red"])
    table = "| `A` | 1,234 | 5 |\n| `B` | 1,235,000 | 9,999 |"
    assert false_counts(table, {"A": {1234}, "B": {1235000}}) == {"B": {9999}}
