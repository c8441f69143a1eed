"""The text of the page."""

from experiments.rows import row

import keras_classic_cnns as kcc
from keras_classic_cnns.experiments import ENTRANTS, race_page
from keras_classic_cnns.experiments.race_row import standings


def test_the_page_tells_what_failed_and_what_departs():
    rows = [row(seed=0), row(seed=1, accuracy=0.995, processor_seconds=None)]
    assert "| 1998 | LeNet5 | 28x28x1 | 61,706 | 416,520 | `lenet5` | 0.004 | 20 |" in (
        text := race_page.page(rows, 6, "a.png")
    )
    assert "| 20 | 2 | 98.5 (97.5 to 99.5) | 10 |" in text and "2 of 6 runs" in text
    assert "seeds 0, 1" in text and "Every run did better than chance." in text
    departing = next(entrant for entrant in ENTRANTS if entrant.why)
    text = race_page.page([row(departing.model, accuracy=0.11), row(accuracy=None)], 6, "a.png")
    constructor = kcc.get_spec(departing.model).constructor
    assert f"- {constructor}, seed 0: 11.00% of the test images, which is chance, 5 s." in text
    assert "- LeNet5, seed 0: diverged, 5 s." in text and "| diverged |" in text
    assert departing.why in text and "Every run" not in text


def test_a_run_in_parts_tells_no_time():
    (standing,) = standings([row(processor_seconds=None, seconds=None)])
    assert standing.processor_seconds is None
    assert race_page.page(standing.rows, 1, "a.png").count("(97.5 to 97.5) | - |") == 1
