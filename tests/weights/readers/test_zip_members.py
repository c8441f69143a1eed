"""Zip archives: what they unfold to stays within bounds, and lands nowhere."""

import io
import struct
import tracemalloc
import zipfile

import pytest
from weights.readers import weight_files as files

from keras_classic_cnns.core.errors import WeightsFileError

NET = files.safetensors({"w": ("F32", (2,), 0, 8)}, bytes(8))
OTHER = files.safetensors({"v": ("F32", (2,), 0, 8)}, bytes(8))
BOTH = files.archive({"a/net.safetensors": NET, "b.pth": OTHER, "c/": b""})


def test_the_only_member_needs_no_name(read):
    assert list(read(files.archive({"a/net.safetensors": NET, "a/": b""}))) == ["w"]


@pytest.mark.parametrize(("member", "key"), [("a/net.safetensors", "w"), ("b.pth", "v")])
def test_one_of_many_members_is_named(read, member, key):
    assert list(read(BOTH, member)) == [key]


def test_the_names_are_offered(refused):
    refused(BOTH, "Name the `member` of the archive to read; it has 'a/net.safetensors', 'b.pth'.")
    many = {f"{index}.pth": NET for index in range(12)}
    refused(files.archive(many), "'9.pth' and 2 more.")
    refused(files.archive({}), "it has none.")
    refused(BOTH, "without the member 'c.pth'", "c.pth")


def test_a_member_may_be_an_archive_of_torch_or_keras_but_no_archive_again(read, refused):
    inner = files.torch_zip(files.state_dict(w=files.tensor()), {"0": bytes(24)})
    assert list(read(files.archive({"net.pth": inner}))) == ["w"]
    refused(files.archive({"net.zip": BOTH}), "Its member is an archive again")


def test_names_that_lead_out_of_the_archive_lead_nowhere(read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    assert list(read(files.archive({"../../net.safetensors": NET}))) == ["w"]
    assert {p.name for p in set(tmp_path.rglob("*")) - before} == {"file.of-any-ending"}


def bomb(size=1 << 28):
    """An archive whose one member unfolds to a thousand times its size."""
    return files.archive({"net.pth": bytes(size)}, zipfile.ZIP_DEFLATED)


def understated():
    """The same, which declares 1,000 bytes only."""
    return bomb().replace(struct.pack("<I", 1 << 28), struct.pack("<I", 1000))


def overlapping():
    """Members that are one and the same place of the file."""
    content = files.archive({f"{index}.pth": b"x" * 5000 for index in range(9)})
    start = content.index(b"PK\x01\x02")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first = archive.infolist()[0]
    directory = bytearray(content[start:])
    place = 0
    while (place := directory.find(b"PK\x01\x02", place)) >= 0:
        directory[place + 42 : place + 46] = struct.pack("<I", first.header_offset)
        place += 46
    body = content[: 30 + 5 + 5000]
    end = directory.rindex(b"PK\x05\x06")
    directory[end + 16 : end + 20] = struct.pack("<I", len(body))
    return body + bytes(directory)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bomb, "would take 268,435,456 bytes"),
        (understated, "It is a damaged zip archive"),
        (overlapping, "whose members overlap"),
    ],
)
def test_bombs_are_refused_before_they_unfold(refused, content, message):
    content = content()
    tracemalloc.start()
    try:
        refused(content, message, "net.pth" if content[:40].count(b"net") else "0.pth")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_wrong_archives_are_refused(refused):
    refused(BOTH[:-10], "It is a damaged zip archive")
    refused(BOTH.replace(NET, NET[:-1] + b"\x01"), "Bad CRC-32", "a/net.safetensors")
    refused(files.archive({"a": NET}, zipfile.ZIP_LZMA), "another method than deflate")
    with pytest.warns(UserWarning, match="Duplicate name"):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a", NET)
            archive.writestr("a", OTHER)
    refused(stream.getvalue(), "two members of one name")


def test_encrypted_members_are_refused(refused):
    content = bytearray(files.archive({"a": NET}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    refused(bytes(content), "'a' is encrypted")


def test_a_full_disk_is_no_fault_of_the_file(tmp_path, monkeypatch):
    path = tmp_path / "net.zip"
    path.write_bytes(BOTH)
    from keras_classic_cnns.weights.readers import read_arrays, zip_members

    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zip_members.tempfile, "NamedTemporaryFile", full)
    with pytest.raises(OSError, match="No space left") as caught:
        read_arrays(path, "b.pth")
    assert not isinstance(caught.value, WeightsFileError)
