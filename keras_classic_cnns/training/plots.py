"""Pictures of a run: its learning curve, and what its model confuses with what.

Matplotlib draws them. It is an optional dependency: without it nothing is drawn, and a line says
so, since no one should lose a night's training to a missing picture.
"""

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from keras_classic_cnns.core import files
from keras_classic_cnns.training.run_directory import best_row

_TRAIN, _EVAL = "#1f6feb", "#e8710a"
_GRID = {"color": "#d0d7de", "linewidth": 0.6}
_MOST_WRITTEN_CLASSES = 20  # more would not be readable as numbers in cells


def learning_curve(rows: Sequence[Mapping[str, float]], path: Path, title: str) -> bool:
    """Draws loss and accuracy by epoch, of training and validation.

    Args:
        rows: The history: mappings with `epoch`, `loss`, `accuracy`, `val_loss` and
            `val_accuracy`.
        path: The PNG file to write.
        title: What was trained on what.

    Returns:
        Whether it was drawn.
    """
    if not can_draw(path):
        return False
    figure = new_figure(10.0, 4.2)
    panels = dict(zip(("loss", "accuracy"), figure.subplots(1, 2), strict=True))
    for name, axes in panels.items():
        _curves(axes, rows, name)
    if all(row[key] > 0 for row in rows for key in ("loss", "val_loss")):
        panels["loss"].set_yscale("log")  # one bad epoch would flatten all the others
    best = best_row(rows)
    label = f"best: {best['val_accuracy']:.1%} in epoch {best['epoch']}"
    ring = {"markersize": 9, "markerfacecolor": "none", "color": _EVAL, "linestyle": "none"}
    panels["accuracy"].plot(best["epoch"], best["val_accuracy"], "o", label=label, **ring)
    panels["accuracy"].legend(frameon=False, loc="lower right")
    figure.suptitle(title, x=0.015, ha="left", fontsize=12, fontweight="bold")
    save(figure, path)
    return True


def confusion_matrix(counts: np.ndarray, labels: Sequence[str], path: Path, title: str) -> bool:
    """Draws a confusion matrix: rows are the true classes, columns the predicted ones.

    Colours are shares of the row, so that rare classes show as clearly as frequent ones. Up to
    20 classes have their counts written in the cells; beyond, the labels get smaller, and past
    120 only some are written.

    Args:
        counts: Shape `(classes, classes)`.
        labels: The class names.
        path: The PNG file to write.
        title: What was evaluated.

    Returns:
        Whether it was drawn.
    """
    if not can_draw(path):
        return False
    from matplotlib.colors import PowerNorm

    classes = len(labels)
    side = float(np.clip(2.5 + 0.45 * classes, 5.0, 16.0))
    figure = new_figure(side + 0.9, side)
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # the square root lets single errors show beside a full diagonal
    image = axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, vmin=0.0, vmax=1.0))
    figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02, label="share of the true class")
    step = -(-classes // 120)
    ticks = range(0, classes, step)
    size = float(np.clip(620.0 / classes, 5.0, 10.0))
    upright = max(map(len, labels)) > 2
    axes.set_xticks(ticks, [labels[i] for i in ticks], rotation=90 * upright, fontsize=size)
    axes.set_yticks(ticks, [labels[i] for i in ticks], fontsize=size)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold")
    if classes <= _MOST_WRITTEN_CLASSES:
        _write_counts(axes, counts, shares)
    save(figure, path)
    return True


def can_draw(path: Path) -> bool:
    """Whether matplotlib is there; says so on stderr where it is not.

    Args:
        path: The picture that was to be drawn.
    """
    if importlib.util.find_spec("matplotlib"):
        return True
    print(
        f"{path.name} is not drawn, since matplotlib is not installed "
        "(pip install keras-classic-cnns[demo]).",
        file=sys.stderr,
    )
    return False


def _curves(axes, rows, name: str) -> None:
    epochs = [row["epoch"] for row in rows]
    marker = "o" if len(rows) <= 30 else None
    for key, label, colour in ((name, "training", _TRAIN), (f"val_{name}", "validation", _EVAL)):
        values = [row[key] for row in rows]
        axes.plot(epochs, values, color=colour, label=label, marker=marker, markersize=3.5)
    axes.set_xlabel("epoch")
    axes.set_title(name, loc="left", fontsize=11)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(**_GRID)
    axes.spines[["top", "right"]].set_visible(False)


def _write_counts(axes, counts, shares) -> None:
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.3 else "#1f2328"
            axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=9)


def new_figure(width: float, height: float):
    """A figure of a width and a height in inches."""
    # a figure of its own, without pyplot: no window system, no global state, any thread
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure, path: Path) -> None:
    """Writes a figure as a PNG file, in one piece."""
    with files.atomic_write(path, "wb") as file:
        figure.savefig(file, format="png")
