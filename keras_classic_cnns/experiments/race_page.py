"""The page of the history race: its table, what stayed at chance, what departs from the recipes."""

from collections.abc import Sequence
from pathlib import Path

from keras_classic_cnns.core import files
from keras_classic_cnns.experiments.entrants import ENTRANTS
from keras_classic_cnns.experiments.race_picture import draw
from keras_classic_cnns.experiments.race_row import Row, Standing, standings

_HEAD = """# The history race

Every family's smallest network learns `{dataset}` by its paper's recipe, scaled to this short a
run, from random weights. It shows on a small scale that a recipe trains its network, or that it
does not so soon. It does not show which network is the better one: the images are far too few and
too small for that.
`scripts/history_race.py` runs it, goes on where it was stopped, and writes this page.

{runs} of {planned} runs: {networks} networks, seeds {seeds}. {images} images are learned, a ninth
as many choose the epoch, and the {test} test images are looked at once, at the end. Images have the
smallest size that a network takes and that shrinks none. Batches are of {batch} images. Recipes
that augment pad by an eighth and crop, as those for CIFAR do, since a crop of ImageNet's may hold a
few pixels of so small an image; images are mirrored where that leaves the class.

Machine: {machine}.

{picture}Accuracy is the mean over the seeds, with the lowest and the highest in brackets. Processor
seconds are those of a run, with building, tracing, validation and checkpoints, summed over the
cores.

"""
_PICTURE = "![Test accuracy by parameters, multiply-accumulates and processor time](figures/{})\n\n"
_COLUMNS = (
    "year",
    "network",
    "input",
    "parameters",
    "MACs",
    "recipe",
    "rate",
    "epochs",
    "runs",
    "accuracy %",
    "processor s",
)


def write_page(rows: Sequence[Row], planned: int, path: Path) -> None:
    """Writes the page, and the picture into the folder `figures` beside it.

    Args:
        rows: The finished runs, at least one.
        planned: How many runs the race has.
        path: The page.
    """
    picture = path.parent / "figures" / f"{path.stem}.png"
    is_drawn = draw(standings(rows), picture)
    with files.atomic_write(path) as file:
        file.write(page(rows, planned, picture.name if is_drawn else None))


def page(rows: Sequence[Row], planned: int, picture: str | None) -> str:
    """The text of the page.

    Args:
        rows: The finished runs, at least one.
        planned: How many runs the race has.
        picture: The name of the picture in the folder `figures`, if there is one.
    """
    all_of = standings(rows)
    first = rows[0]
    head = _HEAD.format(
        dataset=first.settings["dataset"],
        runs=len(rows),
        planned=planned,
        networks=len(all_of),
        seeds=", ".join(sorted({str(row.settings["seed"]) for row in rows}, key=int)),
        images=f"{first.train_images:,}",
        test=f"{first.test_images:,}",
        machine=" and ".join(sorted({row.machine for row in rows})),
        picture=_PICTURE.format(picture) if picture else "",
        batch=first.settings["batch_size"],
    )
    lines = [f"| {' | '.join(_COLUMNS)} |", "|" + "---:|---|" + "---:|" * 3 + "---|" + "---:|" * 5]
    lines += [f"| {' | '.join(_cells(standing))} |" for standing in all_of]
    return head + "\n".join([*lines, "", *_failures(rows), *_departures(all_of)])


def _cells(standing: Standing) -> list[str]:
    row = standing.first
    spent = standing.processor_seconds
    return [
        str(row.spec.paper.year),
        name_of(row),
        "x".join(map(str, row.input_shape)),
        f"{row.parameters:,}",
        f"{row.macs:,}",
        f"`{row.recipe}`",
        f"{row.learning_rate:.3g}",
        str(row.settings["epochs"]),
        str(len(standing.rows)),
        _accuracy(standing),
        "-" if spent is None else f"{spent:.0f}",
    ]


def name_of(row: Row) -> str:
    """The network with its options: `NASNetCIFAR(cells=2)`."""
    options = ", ".join(row.settings["option"])
    return f"{row.spec.constructor}({options})" if options else row.spec.constructor


def _accuracy(standing: Standing) -> str:
    found = standing.accuracies
    if not found:
        return "diverged"
    text = f"{standing.accuracy:.1%} ({found[0]:.1%} to {found[-1]:.1%})".replace("%", "")
    return text if all(row.learned for row in standing.rows) else f"{text}, see below"


def _failures(rows: Sequence[Row]) -> list[str]:
    failed = [row for row in rows if not row.learned]
    if not failed:
        return ["Every run did better than chance.", ""]
    lines = ["Runs that learned nothing, or diverged:", "", *(f"- {row}." for row in failed), ""]
    return lines


def _departures(all_of: Sequence[Standing]) -> list[str]:
    """What entrants change, of those that ran."""
    notes = {entrant.model: entrant.why for entrant in ENTRANTS if entrant.why}
    present = [standing.first for standing in all_of if standing.first.model in notes]
    if not present:
        return []
    lines = ["## Departures", "", "What is neither the recipe's, scaled, nor the default:", ""]
    return [*lines, *(f"- {name_of(row)}: {notes[row.model]}" for row in present), ""]
