import pytest

from keras_classic_cnns.data import datasets, evaluation_split


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        (
            ("test", "train", "validation"),
            "validation",
        ),  # test labels may be -1
        (("test", "train", "val"), "val"),
        (("test", "train"), "test"),
        (("train",), None),
    ],
)
def test_validation_comes_before_test(there, chosen, monkeypatch):
    monkeypatch.setattr(datasets, "split_names", lambda name, data_dir: there)
    assert evaluation_split("some") == chosen
