"""The picture of the history race: error against parameters, multiply-accumulates and time.

Matplotlib draws it, where it is installed.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_classic_cnns.experiments.race_row import Standing
from keras_classic_cnns.training import plots

Box = tuple[float, float, float, float]  # left, bottom, right, top

_PANELS: tuple[tuple[str, Callable[[Standing], float | None]], ...] = (
    ("parameters", lambda standing: standing.first.parameters),
    ("multiply-accumulates an image", lambda standing: standing.first.macs),
    ("processor seconds a run", lambda standing: standing.processor_seconds),
)
_FONT = 6.0
_TICKS = (0.9, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001)


def draw(standings: Sequence[Standing], path: Path) -> bool:
    """Draws three panels, one below the other, of the networks that did not diverge.

    Args:
        standings: The networks with their runs.
        path: The PNG file to write.

    Returns:
        Whether it was drawn: there is something to show, and matplotlib.
    """
    shown = [standing for standing in standings if standing.accuracies]
    if not shown or not plots.can_draw(path):
        return False
    figure = plots.new_figure(7.6, 9.0)
    years = [standing.first.spec.paper.year for standing in shown]
    colours = _colours(years)
    all_axes = figure.subplots(3, 1)
    for axes, (title, measure) in zip(all_axes, _PANELS, strict=True):
        _points(axes, shown, measure, colours)
        axes.set_xlabel(title, fontsize=9)
    all_axes[0].set_title(
        "Test accuracy, mean and range over the seeds", loc="left", fontsize=10, fontweight="bold"
    )
    _legend(all_axes[0], years, colours)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # it stays as it is now, and labels are placed in it
    for axes, (_, measure) in zip(all_axes, _PANELS, strict=True):
        _labels(axes, shown, measure, colours)
    plots.save(figure, path)
    return True


def error_of(standing: Standing, accuracy: float) -> float:
    """The share of wrong answers; of none, that of half an image, which a logarithm can show."""
    return max(1 - accuracy, 0.5 / standing.first.test_images)


def _points(axes, shown, measure, colours) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.invert_yaxis()
    errors = []
    for standing in shown:
        x, low, high = measure(standing), standing.accuracies[0], standing.accuracies[-1]
        ends = [error_of(standing, low), error_of(standing, high)]
        errors += ends
        if x is not None:
            colour = colours[standing.first.spec.paper.year]
            axes.plot([x, x], ends, color=colour, linewidth=1.0, alpha=0.6)
            axes.plot(
                x, error_of(standing, standing.accuracy), "o", color=colour, markersize=4, zorder=3
            )
    axes.margins(x=0.09, y=0.08)
    span = min(errors, default=0.01) / 1.3, max(errors, default=0.9) * 1.3
    ticks = [tick for tick in _TICKS if span[0] <= tick <= span[1]]
    axes.set_yticks(ticks, [f"{1 - tick:.1%}".replace(".0%", "%") for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.tick_params(which="both", labelsize=8)
    axes.grid(color="#d0d7de", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _colours(years: Sequence[int]) -> dict[int, tuple]:
    from matplotlib import colormaps

    different = sorted(set(years))
    shades = colormaps["viridis"].resampled(256)
    last = max(len(different) - 1, 1)
    return {year: shades(0.92 * i / last) for i, year in enumerate(different)}


def _legend(axes, years, colours) -> None:
    for year in sorted(set(years)):
        axes.plot([], [], "o", color=colours[year], markersize=4, label=str(year))
    place_above = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderpad": 0.0}
    narrow = {"handletextpad": 0.0, "columnspacing": 0.6, "fontsize": 7, "frameon": False}
    axes.legend(ncols=len(set(years)), **place_above, **narrow)


def _labels(axes, shown, measure, colours) -> None:
    """Writes network and year beside each point, where there is room."""
    placed = [standing for standing in shown if measure(standing) is not None]
    names = [_name(standing) for standing in placed]
    points = [
        tuple(axes.transData.transform((measure(standing), error_of(standing, standing.accuracy))))
        for standing in placed
    ]
    scale = axes.figure.dpi / 72
    sizes = [(0.6 * _FONT * scale * len(name), 1.15 * _FONT * scale) for name in names]
    frame = axes.bbox.extents
    boxes = place(points, sizes, tuple(frame))
    to_data = axes.transData.inverted()
    for standing, name, (x, y), (left, bottom, right, top) in zip(
        placed, names, points, boxes, strict=True
    ):
        colour = colours[standing.first.spec.paper.year]
        centre = ((left + right) / 2, (bottom + top) / 2)
        if math.dist((x, y), centre) > 1.5 * (top - bottom) + (right - left) / 2:
            ends = zip(to_data.transform((x, y)), to_data.transform(centre), strict=True)
            axes.plot(*ends, color=colour, linewidth=0.5, alpha=0.7, scalex=False, scaley=False)
        where = to_data.transform(centre)
        text = {"fontsize": _FONT, "ha": "center", "va": "center"}
        paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.2}
        axes.text(*where, name, bbox=paper, **text)


def _name(standing: Standing) -> str:
    spec = standing.first.spec
    return f"{spec.constructor} {spec.paper.year}"


def place(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], frame: Box
) -> list[Box]:
    """Finds room for a label beside each point, one after the other.

    Args:
        points: Where the points are.
        sizes: Width and height of each label.
        frame: Where labels may be.

    Returns:
        The box of each label: the nearest of those that cover least of other labels and points.

    Example:
        >>> place([(50, 50)], [(20, 10)], (0, 0, 100, 100))
        [(57.0, 45.0, 77.0, 55.0)]
    """
    dots = [(x - 4, y - 4, x + 4, y + 4) for x, y in points]
    taken: dict[int, Box] = {}
    # where it is crowded, the choice is least: those go first
    crowd = {i: sum(math.dist(points[i], other) < 60 for other in points) for i in range(len(dots))}
    for i in sorted(crowd, key=lambda i: -crowd[i]):
        others = [*dots[:i], *dots[i + 1 :], *taken.values()]
        taken[i] = min(
            _candidates(points[i], sizes[i]),
            key=lambda box: sum(_overlap(box, other) for other in others) + _outside(box, frame),
        )
    return [taken[i] for i in range(len(points))]


def _candidates(point: tuple[float, float], size: tuple[float, float]) -> list[Box]:
    """Boxes around a point, the nearest first."""
    (x, y), (width, height) = point, size
    boxes = []
    for gap in (7.0, 14.0, 24.0, 36.0, 50.0, 66.0, 84.0):
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
            middle = x + dx * (gap + width / 2), y + dy * (gap + height / 2)
            boxes.append(
                (
                    middle[0] - width / 2,
                    middle[1] - height / 2,
                    middle[0] + width / 2,
                    middle[1] + height / 2,
                )
            )
    return boxes


def _overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def _outside(box: Box, frame: Box) -> float:
    area = (box[2] - box[0]) * (box[3] - box[1])
    return 10 * (area - _overlap(box, frame))
