"""The beginning of a download, and the note of what it is the beginning of."""

import pytest

from keras_classic_cnns.weights.partial import Origin, PartialFile

ORIGIN = Origin("https://example.org/net", '"1"', 10)


@pytest.fixture
def part(tmp_path):
    return PartialFile(tmp_path / "part")


def test_what_is_not_there_is_the_beginning_of_nothing(part):
    assert part.size() == 0
    assert part.origin() is None


def test_another_object_knows_what_it_is(part):
    part.restart(ORIGIN)
    assert part.origin() is None  # nothing to go on from yet
    part.path.write_bytes(b"half")
    other = PartialFile(part.path)
    assert (other.size(), other.origin()) == (4, ORIGIN)


def test_the_old_bytes_are_gone_before_the_new_note_is_written(part, monkeypatch):
    part.restart(ORIGIN)
    part.path.write_bytes(b"half")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_classic_cnns.core.files.atomic_write", killed)
    with pytest.raises(KeyboardInterrupt):
        part.restart(Origin("https://example.org/other", None, None))
    assert part.size() == 0


@pytest.mark.parametrize("note", ["", "{", "[]", "3", '{"url": "x"}', '{"a": 1}'])
def test_a_note_that_cannot_be_read_counts_as_none(part, tmp_path, note):
    part.path.write_bytes(b"half")
    (tmp_path / "part.json").write_text(note)
    assert part.origin() is None


def test_nothing_is_left_of_what_is_discarded(part, tmp_path):
    part.restart(ORIGIN)
    part.discard()
    part.discard()
    assert list(tmp_path.iterdir()) == []
