"""The picture: drawn, small, and with labels that can be read."""

from experiments.rows import row
from matplotlib.image import imread

from keras_classic_cnns.experiments import ENTRANTS, race_picture
from keras_classic_cnns.experiments.race_row import standings


def test_the_picture_is_drawn_and_small(tmp_path):
    rows = [row(entrant.model, macs=10 ** (6 + i % 4)) for i, entrant in enumerate(ENTRANTS)]
    rows += [row("resnet20", accuracy=None), row("vgg11", accuracy=1.0, processor_seconds=None)]
    path = tmp_path / "race.png"
    assert race_picture.draw(standings(rows), path)
    assert path.stat().st_size < 200_000
    assert imread(path).shape[:2] == (1080, 912)


def test_labels_cover_neither_points_nor_each_other():
    points = [(100 + 9 * (i % 5), 100 + 9 * (i // 5)) for i in range(25)]
    boxes = race_picture.place(points, [(40, 8)] * 25, (0, 0, 400, 300))
    for i, (left, bottom, right, top) in enumerate(boxes):
        assert left >= 0 and bottom >= 0 and right <= 400 and top <= 300
        for other in boxes[:i]:
            assert left >= other[2] or right <= other[0] or bottom >= other[3] or top <= other[1]
