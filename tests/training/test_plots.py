import importlib.util

import numpy as np
import pytest

from keras_classic_cnns.training import plots


def png_size(path):
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def rows(count):
    keys = ("loss", "accuracy", "val_loss", "val_accuracy")
    return [{"epoch": i + 1} | {key: 1.0 / (i + 1) for key in keys} for i in range(count)]


@pytest.mark.parametrize("history", [rows(1), rows(40), [rows(1)[0] | {"loss": 0.0}]])
def test_learning_curves_of_any_length(tmp_path, history):
    assert plots.learning_curve(history, tmp_path / "curve.png", "LeNet5 on digits")
    width, height = png_size(tmp_path / "curve.png")
    assert width > 2 * height


@pytest.mark.parametrize("classes", [2, 10, 130])
def test_confusion_matrices_of_any_size(tmp_path, classes):
    counts = np.random.default_rng(0).integers(0, 9, (classes, classes))
    counts[0] = 0  # a class without images
    labels = [f"class {index}" for index in range(classes)]
    assert plots.confusion_matrix(counts, labels, tmp_path / "confusion.png", "title")
    assert 500 < png_size(tmp_path / "confusion.png")[0] < 3000


def test_drawing_needs_no_pyplot_state(tmp_path):
    import matplotlib.pyplot as plt

    plots.learning_curve(rows(2), tmp_path / "curve.png", "title")
    assert plt.get_fignums() == []


def test_without_matplotlib_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    path = tmp_path / "picture.png"
    assert not plots.learning_curve(rows(2), path, "title")
    assert not plots.confusion_matrix(np.eye(2, dtype=int), ["a", "b"], path, "title")
    assert not path.exists()
    assert "picture.png is not drawn, since matplotlib is not installed" in capsys.readouterr().err
