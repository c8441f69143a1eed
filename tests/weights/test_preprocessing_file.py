"""The JSON file beside a network that says how its images are scaled."""

import json

import pytest

from keras_classic_cnns.preprocessing import MODES, Preprocessing
from keras_classic_cnns.weights.preprocessing_file import (
    preprocessing_as_json,
    preprocessing_path,
    read_preprocessing,
    write_preprocessing,
)

MINE = Preprocessing("mine", (1.5, 2.0, 0.1), (4.0, 5.0, 1e-3), reverse_channels=True)
WRITTEN = preprocessing_as_json(MINE)


@pytest.mark.parametrize("preprocessing", [MINE, *MODES.values()], ids=lambda record: record.name)
def test_what_is_written_is_read(tmp_path, preprocessing):
    written = write_preprocessing(tmp_path / "net.keras", preprocessing)
    assert written == tmp_path / "net.preprocessing.json"
    assert read_preprocessing(tmp_path / "net.keras") == preprocessing
    assert [file.name for file in tmp_path.iterdir()] == ["net.preprocessing.json"]


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("net.keras", "net.preprocessing.json"),
        ("net.weights.h5", "net.preprocessing.json"),
        ("net.h5", "net.preprocessing.json"),
        ("net.safetensors", "net.preprocessing.json"),
        ("net.pth", "net.preprocessing.json"),
        ("net.v1.5.keras", "net.v1.5.preprocessing.json"),
        ("served", "served.preprocessing.json"),
        (".keras", ".preprocessing.json"),
    ],
)
def test_it_lies_beside_the_file(tmp_path, name, beside):
    assert preprocessing_path(tmp_path / name) == tmp_path / beside
    assert preprocessing_path(str(tmp_path / name)) == tmp_path / beside


def test_the_keys_are_those_of_the_record(tmp_path):
    path = write_preprocessing(tmp_path / "net.safetensors", MINE)
    assert json.loads(path.read_text()) == {
        "name": "mine",
        "mean": [1.5, 2.0, 0.1],
        "std": [4.0, 5.0, 1e-3],
        "reverse_channels": True,
    }


def test_without_a_file_there_is_no_record(tmp_path):
    assert read_preprocessing(tmp_path / "net.keras") is None


def test_a_write_that_fails_leaves_the_old_record(tmp_path, monkeypatch):
    write_preprocessing(tmp_path / "net.keras", MINE)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda handle: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_preprocessing(tmp_path / "net.keras", MODES["tf"])
    assert read_preprocessing(tmp_path / "net.keras") == MINE
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("preprocessing", ["tf", None, WRITTEN])
def test_only_records_are_written(tmp_path, preprocessing):
    with pytest.raises(TypeError, match="Received: preprocessing="):
        write_preprocessing(tmp_path / "net.keras", preprocessing)
    assert not list(tmp_path.iterdir())


def with_value(**values):
    return json.dumps(WRITTEN | values)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Expecting value"),
        (json.dumps(WRITTEN)[:-10], "Unterminated"),
        (b"\xff\xfe\x00", "decode"),
        ("[]", "must be a JSON object of name, mean, std, reverse_channels"),
        ('"tf"', "must be a JSON object"),
        (json.dumps({"name": "tf"}), "must be a JSON object"),
        (with_value(gamma=1), "must be a JSON object"),
        (with_value(name=3), "`name` must be a string"),
        (with_value(name=""), "`name` must not be empty"),
        (with_value(mean=1.0), "`mean` must be three numbers"),
        (with_value(mean="abc"), "`mean` must be three numbers"),
        (with_value(mean=[1.0, 2.0]), "`mean` must be three numbers"),
        (with_value(mean=[1, 2, "3"]), "`mean` must be a number"),
        (with_value(mean=[1, 2, True]), "`mean` must be a number"),
        (with_value(mean=[1, 2, None]), "`mean` must be a number"),
        (with_value(mean=[1, 2, float("nan")]), "`mean` must be finite"),
        (with_value(mean=[1, 2, 10**400]), "too large"),
        (with_value(std=[1, 2, float("inf")]), "`std` must be finite"),
        (with_value(std=[1, 2, 0]), "`std` must be greater than 0"),
        (with_value(std=[1, 2, -1]), "`std` must be greater than 0"),
        (with_value(reverse_channels=1), "`reverse_channels` must be True or False"),
        (with_value(name="x" * 5000), "more than 4096 bytes"),
        ("[" * 4000, ""),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content, reason):
    content = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "net.preprocessing.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"net\.preprocessing\.json does not say") as caught:
        read_preprocessing(tmp_path / "net.weights.h5")
    assert reason in str(caught.value)
    assert str(caught.value).endswith(f"Received: path='{tmp_path / 'net.weights.h5'}'")
